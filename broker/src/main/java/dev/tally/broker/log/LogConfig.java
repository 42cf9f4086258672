package dev.tally.broker.log;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a log is kept.
 *
 * @param directory where its segments lie
 * @param segmentBytes the size of a segment file
 * @param firstSegmentBytes the size of a new log's first segment; each further one is twice as large until
 *     {@code segmentBytes}, so that a new broker is ready at once
 * @param maxBatchBytes about how many bytes one write and one force take at most
 * @param maxQueuedBytes how many bytes may wait for the writer before submissions are refused
 * @param diskReserveBytes usable space that preparing a segment must leave
 * @param quarantine where damaged bytes are copied before the log is read on behind them; {@code null}, as it should be,
 *     to refuse a damaged log
 * @since 0.1
 */
public record LogConfig(
        Path directory,
        int segmentBytes,
        int firstSegmentBytes,
        int maxBatchBytes,
        long maxQueuedBytes,
        long diskReserveBytes,
        @Nullable Path quarantine) {

    /** The smallest segment that is of any use, in bytes. */
    public static final int MIN_SEGMENT_BYTES = 1024;

    /** The largest segment, in bytes: one mapping has to cover it. */
    public static final int MAX_SEGMENT_BYTES = 1 << 30;

    /** Refuses what cannot work. */
    public LogConfig {
        require(segmentBytes >= MIN_SEGMENT_BYTES && segmentBytes <= MAX_SEGMENT_BYTES, "segmentBytes", segmentBytes);
        require(
                firstSegmentBytes >= MIN_SEGMENT_BYTES && firstSegmentBytes <= segmentBytes,
                "firstSegmentBytes",
                firstSegmentBytes);
        require(
                segmentBytes % RecordFormat.ALIGNMENT == 0 && firstSegmentBytes % RecordFormat.ALIGNMENT == 0,
                "segmentBytes and firstSegmentBytes (multiples of 8)",
                segmentBytes);
        require(maxBatchBytes > 0, "maxBatchBytes", maxBatchBytes);
        require(maxQueuedBytes > 0, "maxQueuedBytes", maxQueuedBytes);
        require(diskReserveBytes >= 0, "diskReserveBytes", diskReserveBytes);
    }

    private static void require(boolean valid, String name, long value) {
        if (!valid) {
            throw new IllegalArgumentException("Cannot keep a log with " + name + " = " + value);
        }
    }
}
