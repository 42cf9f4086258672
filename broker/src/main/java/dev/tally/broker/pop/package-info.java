/** What was handed out to consumers that pop, and is not acknowledged yet. */
@NullMarked
package dev.tally.broker.pop;

import org.jspecify.annotations.NullMarked;
