package dev.tally.broker.log;

/**
 * A place between two records of a log. Who keeps the state that the log comes to up to this point, and the point with
 * it, can open the log from here instead of from its start.
 *
 * @param position where the next record stands
 * @param sequence the next record's sequence
 * @param epoch the epoch of the record before
 * @param lastPosition the position of the record before, {@code -1} where there is none
 * @param lastChecksum the checksum of the record before, {@code 0} where there is none: it tells this log from an older
 *     copy of it
 * @param start the position at which the log began at this point: what lies before may be gone
 * @since 0.1
 */
public record LogPoint(long position, long sequence, int epoch, long lastPosition, int lastChecksum, long start) {}
