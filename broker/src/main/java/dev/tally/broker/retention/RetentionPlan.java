package dev.tally.broker.retention;

import dev.tally.broker.log.SealedSegment;
import java.util.List;

/**
 * Which segments can go. Only the oldest go, so that the log stays one piece; and only while copying forward what is
 * still needed in them is worth it: a segment that is mostly alive pins itself and those behind it.
 *
 * @since 0.1
 */
public final class RetentionPlan {

    /** Copying costs a write for each byte: more than half alive is not worth it. */
    private static final double MAX_LIVE_SHARE = 0.5;

    private RetentionPlan() {}

    /**
     * The position up to which the log is expired; its start where nothing is.
     *
     * @param sealed all sealed segments, oldest first
     * @param start the log's start
     * @param totalBytes what all of the log's files take
     */
    public static long expiredUpTo(
            List<SealedSegment> sealed, long start, long totalBytes, RetentionConfig config, long nowMillis) {
        long boundary = start;
        long left = totalBytes;
        for (SealedSegment segment : sealed) {
            boolean tooOld =
                    nowMillis - segment.newestMillis() > config.maxAge().toMillis();
            boolean tooMuch = config.maxBytes() > 0 && left > config.maxBytes();
            if (!tooOld && !tooMuch) {
                break;
            }
            boundary = segment.end();
            left -= segment.bytes();
        }
        return boundary;
    }

    /**
     * The position up to which it is worth it; the log's start where nothing is.
     *
     * @param expired the expired segments, oldest first
     * @param live for each of them the bytes that would have to be copied
     */
    public static long worthwhileUpTo(List<SealedSegment> expired, long start, long[] live) {
        long boundary = start;
        long bytes = 0;
        long copied = 0;
        for (int i = 0; i < expired.size(); i++) {
            bytes += expired.get(i).bytes();
            copied += live[i];
            if (copied <= bytes * MAX_LIVE_SHARE) {
                boundary = expired.get(i).end();
            }
        }
        return boundary;
    }
}
