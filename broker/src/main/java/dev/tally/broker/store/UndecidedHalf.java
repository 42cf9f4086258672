package dev.tally.broker.store;

/**
 * A half message that nobody has decided yet.
 *
 * @param position its position in the log
 * @param producerGroup the group to ask
 * @param state PREPARED or PARKED
 * @param preparedAtMillis when it was stored, by the broker's clock, epoch milliseconds
 * @param checks check-backs delivered so far
 */
public record UndecidedHalf(long position, String producerGroup, HalfState state, long preparedAtMillis, int checks) {}
