/** The relay: one class for each duty of getting committed entries to the broker, in order for each key, and out of the table. */
@NullMarked
package dev.tally.outbox.relay;

import org.jspecify.annotations.NullMarked;
