package dev.tally.broker.pop;

/**
 * A message that was handed out, in plain values that records and snapshots can keep.
 *
 * @param offset its offset in the queue
 * @param popMillis when it was handed out by the wall clock; identifies the delivery
 * @param invisibleMillis how long it stays invisible from then on
 * @param redelivered how often the queue handed it out before
 * @since 0.1
 */
public record LeaseEntry(long offset, long popMillis, long invisibleMillis, int redelivered) {}
