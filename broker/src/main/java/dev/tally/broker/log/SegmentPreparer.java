package dev.tally.broker.log;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one segment ready ahead of the active one. Used by the writer's thread alone; the files are filled in the
 * background.
 */
final class SegmentPreparer {

    private static final Logger log = LoggerFactory.getLogger(SegmentPreparer.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long RESERVE_SEGMENT_BYTES = 1024 * 1024;

    private final LogConfig config;
    private final Disk disk;
    private final BrokerClock clock;
    private final Executor background;
    private final long logId;

    private @Nullable CompletableFuture<Segment> next;
    private boolean failing;
    private long failedAtNanos;

    SegmentPreparer(LogConfig config, Disk disk, BrokerClock clock, Executor background, long logId) {
        this.config = config;
        this.disk = disk;
        this.clock = clock;
        this.background = background;
        this.logId = logId;
    }

    /** Takes over a segment that recovery found prepared. */
    void adopt(Segment prepared) {
        next = CompletableFuture.completedFuture(prepared);
    }

    /** Begins to prepare the segment behind {@code active}, unless that was begun already. */
    void begin(Segment active) {
        if (next == null) {
            next = CompletableFuture.supplyAsync(() -> prepareBehind(active), background);
        }
    }

    /** Whether the last attempt failed, so that what is left of the active segment is precious. */
    boolean failing() {
        CompletableFuture<Segment> attempt = next;
        return failing || (attempt != null && attempt.isCompletedExceptionally());
    }

    /**
     * The segment behind {@code active}, waiting for it where it is being prepared, {@code null} where that fails. A
     * failure is tried again with the first call after a second.
     */
    @Nullable Segment take(Segment active) {
        if (failing && clock.nanoTime() - failedAtNanos < RETRY_NANOS) {
            return null;
        }
        begin(active);
        CompletableFuture<Segment> attempt = next;
        next = null;
        try {
            Segment segment = attempt == null ? null : attempt.join();
            failing = false;
            return segment;
        } catch (CompletionException e) {
            failing = true;
            failedAtNanos = clock.nanoTime();
            log.warn(
                    "Cannot prepare the log segment behind position={}; new messages are refused, tried again in seconds=1",
                    active.end(),
                    e.getCause());
            return null;
        }
    }

    /**
     * A small segment behind {@code active} out of the disk's reserve, for what must always fit; {@code null} where even
     * that fails. Only after {@link #take} returned {@code null}: nothing else is being prepared then.
     */
    @Nullable Segment takeReserve(Segment active) {
        long capacity = Math.min(RESERVE_SEGMENT_BYTES, config.firstSegmentBytes());
        try {
            Segment segment = CompletableFuture.supplyAsync(() -> prepareBehind(active, capacity, 0), background)
                    .join();
            log.warn(
                    "The log goes on in the reserve of the full disk, with decisions and progress only: file={}",
                    segment.path);
            return segment;
        } catch (CompletionException e) {
            log.error(
                    "The reserve of the full disk is used up; also decisions and progress are refused until it has space: directory={}",
                    config.directory(),
                    e.getCause());
            return null;
        }
    }

    /** Waits for what is being prepared and closes it. */
    void close() throws IOException {
        CompletableFuture<Segment> attempt = next;
        next = null;
        if (attempt == null) {
            return;
        }
        try {
            attempt.join().close();
        } catch (CompletionException e) {
            log.debug("No segment was prepared", e.getCause());
        }
    }

    private Segment prepareBehind(Segment active) {
        long capacity = Math.max(config.firstSegmentBytes(), Math.min(config.segmentBytes(), 2 * active.capacity));
        return prepareBehind(active, capacity, config.diskReserveBytes());
    }

    private Segment prepareBehind(Segment active, long capacity, long reserve) {
        try {
            long usable = disk.usableSpace(config.directory());
            if (usable - capacity < reserve) {
                throw new IOException("The disk has " + usable + " usable bytes; a segment of " + capacity
                        + " bytes would leave less than the reserve of " + reserve);
            }
            return Segment.prepare(disk, config.directory(), active.end(), capacity, logId);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
