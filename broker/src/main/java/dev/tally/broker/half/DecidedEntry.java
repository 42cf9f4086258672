package dev.tally.broker.half;

import dev.tally.broker.store.Decision;

/**
 * A remembered decision, as a snapshot keeps it.
 *
 * @param position the half message's position
 * @param queueOffset where it became visible, {@code -1} where it did not, or not at once
 * @param young whether it is one of those that are forgotten last
 * @since 0.1
 */
public record DecidedEntry(long position, String producerGroup, Decision decision, long queueOffset, boolean young) {}
