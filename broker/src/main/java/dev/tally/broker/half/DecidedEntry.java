package dev.tally.broker.half;

import dev.tally.broker.store.Decision;

/**
 * A remembered decision, in plain values that a snapshot can keep.
 *
 * @param position the half message's position
 * @param producerGroup the group that decided
 * @param decision what was decided
 * @param queueOffset where it became visible, {@code -1} where it did not, or not at once
 * @since 0.1
 */
public record DecidedEntry(long position, String producerGroup, Decision decision, long queueOffset) {}
