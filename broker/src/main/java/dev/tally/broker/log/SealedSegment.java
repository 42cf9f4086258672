package dev.tally.broker.log;

/**
 * A segment that nothing is appended to any more.
 *
 * @param base the log position of its first byte
 * @param end the position behind its last byte
 * @param newestMillis about when its last record was written, epoch milliseconds by the broker's wall clock
 * @since 0.1
 */
public record SealedSegment(long base, long end, long newestMillis) {

    /** Its size. */
    public long bytes() {
        return end - base;
    }
}
