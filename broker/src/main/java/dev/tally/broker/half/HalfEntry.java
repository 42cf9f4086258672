package dev.tally.broker.half;

import dev.tally.broker.queue.MessageRef;

/**
 * An undecided half message, as a snapshot keeps it.
 *
 * @param checks how many checks were delivered
 * @param parked whether it is PARKED instead of PREPARED
 * @since 0.1
 */
public record HalfEntry(
        MessageRef message,
        String producerGroup,
        long preparedAtMillis,
        long delayMillis,
        long immunityMillis,
        int checks,
        boolean parked) {}
