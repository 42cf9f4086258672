/** What people do with the outbox, and how it tells its state. */
@NullMarked
package dev.tally.outbox.operations;

import org.jspecify.annotations.NullMarked;
