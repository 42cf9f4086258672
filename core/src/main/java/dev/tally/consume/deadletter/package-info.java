/** Messages that a group could not handle: kept with the reason, shown, replayed and discarded by people. */
@NullMarked
package dev.tally.consume.deadletter;

import org.jspecify.annotations.NullMarked;
