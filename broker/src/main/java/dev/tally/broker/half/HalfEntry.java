package dev.tally.broker.half;

import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.store.HalfState;

/**
 * An undecided half message, in plain values that a snapshot can keep.
 *
 * @param message the message and its queue
 * @param producerGroup the group that decides
 * @param keyHash what {@link HalfTable#keyHash} makes of its group and unique key, 0 without a key
 * @param preparedAtMillis when it was stored, by the broker's wall clock
 * @param delayMillis how long it stays invisible from its commit on
 * @param immunityMillis how long after the prepare the first check-back is due
 * @param state PREPARED or PARKED
 * @param checks check-backs delivered so far
 * @since 0.1
 */
public record HalfEntry(
        MessageRef message,
        String producerGroup,
        int keyHash,
        long preparedAtMillis,
        long delayMillis,
        long immunityMillis,
        HalfState state,
        int checks) {}
