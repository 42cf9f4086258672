/** Notices that files changed while the broker runs. */
@NullMarked
package dev.tally.broker.watch;

import org.jspecify.annotations.NullMarked;
