package dev.tally.broker.store;

/**
 * A delivery that stays invisible for another time.
 *
 * @param popMillis what identifies it from now on
 * @param invisibleMillis how long it is invisible, from {@code popMillis} on
 * @since 0.1
 */
public record PopExtension(long popMillis, long invisibleMillis) {}
