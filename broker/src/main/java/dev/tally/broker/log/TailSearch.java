package dev.tally.broker.log;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at what lies behind the last valid record of a log: nothing, a tail that nobody was promised, or more log. */
final class TailSearch {

    private final List<SegmentScan> scans;
    private final int index;
    private final long position;
    private final long sequence;
    private final int epoch;

    /**
     * A search.
     *
     * @param scans all segments
     * @param index the segment in which the log seems to end
     * @param position where it seems to end
     * @param sequence the sequence that should follow
     * @param epoch the running epoch
     */
    TailSearch(List<SegmentScan> scans, int index, long position, long sequence, int epoch) {
        this.scans = scans;
        this.index = index;
        this.position = position;
        this.sequence = sequence;
        this.epoch = epoch;
    }

    /** A valid record. */
    record Found(SegmentScan scan, long position) {}

    private interface Condition {
        boolean holds(SegmentScan scan, long candidate);
    }

    /** A valid record that was written after the position had been forced; {@code null} where none is. */
    @Nullable Found acknowledgedBehind() throws IOException {
        return first(position, this::provesDamage);
    }

    /** The next valid record at or behind a position with which the log can go on. */
    @Nullable Found nextFrom(long from) throws IOException {
        return first(from, this::goesOn);
    }

    /** The position behind the last byte of the segment that is not zero; the searched position where there is none. */
    long nonZeroEnd() throws IOException {
        return scans.get(index).nonZeroEnd(position);
    }

    private @Nullable Found first(long from, Condition condition) throws IOException {
        for (int i = index; i < scans.size(); i++) {
            SegmentScan scan = scans.get(i);
            long last = scan.segment.recordsEnd();
            long at = scan.nextNonZero(i == index ? from : scan.segment.recordsStart());
            while (at <= last) {
                // The cheap conditions first: a payload may hold many bytes that look like headers, and checksums are
                // long.
                if (scan.looksLikeRecord(at) && condition.holds(scan, at) && scan.validAt(at) > 0) {
                    return new Found(scan, at);
                }
                at = scan.nextNonZero(at + RecordFormat.ALIGNMENT);
            }
        }
        return null;
    }

    private boolean provesDamage(SegmentScan scan, long candidate) {
        long forced = scan.forced(candidate);
        return forced > position
                && forced <= candidate
                && scan.sequence(candidate) > sequence
                && reachable(scan, candidate);
    }

    private boolean goesOn(SegmentScan scan, long candidate) {
        return scan.sequence(candidate) >= sequence && scan.epoch(candidate) >= epoch && reachable(scan, candidate);
    }

    /** Between two positions there is room for so many records only. */
    private boolean reachable(SegmentScan scan, long candidate) {
        return sequence <= 1 || scan.sequence(candidate) - sequence <= (candidate - position) / RecordFormat.HEADER;
    }
}
