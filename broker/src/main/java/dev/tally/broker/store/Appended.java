package dev.tally.broker.store;

/**
 * Where a record stands.
 *
 * @param position its position in the log, unique for ever
 * @param queueOffset its offset in its queue, {@code -1} while it is not visible
 */
public record Appended(long position, long queueOffset) {}
