package dev.tally.broker.log;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.log.Batch.Planned;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreRejectedException.Reason;
import dev.tally.broker.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit without a timer. On the writer's thread, as long as submissions wait:
 *
 * <ol>
 *   <li>take what waits, plan it, encode it into one batch;
 *   <li>one gathering write, one force;
 *   <li>apply and answer every submission, in order. What arrived meanwhile is the next batch.
 * </ol>
 *
 * <p>A batch of which nobody waits for the force is not forced at once, but with the next one that is, at the latest
 * after {@link #FLUSH_NANOS} or {@link #FLUSH_BYTES}. What a power cut takes of it is always the end of the log.
 *
 * <p>Any failure fences the log: the batch and everything that waits is answered as unknown, and nothing is written ever
 * again. A force is never repeated, because the second one succeeds although the data is gone.
 */
final class LogWriter {

    private static final Logger log = LoggerFactory.getLogger(LogWriter.class);
    private static final int RESERVE_BYTES = 64 * 1024;
    private static final int RESERVE_SHARE = 8;
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
    private static final long FLUSH_BYTES = 16L * 1024 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final LogConfig config;
    private final BrokerClock clock;
    private final Executor executor;
    private final Segments segments;
    private final SegmentPreparer preparer;
    private final Batch batch;
    private final int largestGroup;

    private final ConcurrentLinkedQueue<Submission> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean closed;
    private volatile boolean finished;
    private volatile @Nullable StoreUnavailableException fence;
    private volatile long end;
    private volatile long forcedEnd;
    private volatile long unforcedSinceNanos;
    private volatile boolean marked = true;
    private volatile long lastBatchNanos;

    // The writer's thread only.
    private Segment active;
    private long sequence;
    private int epoch;
    private @Nullable Planned heldOver;
    private @Nullable Segment following;
    private boolean followingIsReserve;
    private boolean onReserve;

    LogWriter(
            LogConfig config,
            BrokerClock clock,
            Executor executor,
            Segments segments,
            SegmentPreparer preparer,
            Segment active,
            LogRecovery.End recovered) {
        this.config = config;
        this.clock = clock;
        this.executor = executor;
        this.segments = segments;
        this.preparer = preparer;
        this.batch = new Batch(active.logId, config.maxBatchBytes());
        this.largestGroup = config.segmentBytes() - Segment.HEADER - RecordFormat.HEADER;
        this.active = active;
        this.end = recovered.position();
        this.forcedEnd = recovered.position();
        this.sequence = recovered.sequence();
        this.epoch = recovered.epoch();
    }

    /** Begins a new epoch; called once, before anything is submitted. */
    void begin() throws IOException {
        makeRoom(RecordFormat.HEADER);
        epoch++;
        writeOne(RecordKind.EPOCH);
        preparer.begin(active);
    }

    private void makeRoom(int bytes) throws IOException {
        if (end + bytes <= active.recordsEnd()) {
            return;
        }
        following = preparer.take(active);
        if (following == null) {
            takeReserve();
        }
        if (following == null) {
            throw new IOException("Cannot prepare the log segment behind " + active.path
                    + ", and the segment is full; free space on the disk and start again");
        }
        roll();
    }

    int epoch() {
        return epoch;
    }

    /** The position behind the last record that was answered. */
    long end() {
        return end;
    }

    /** The position behind the last forced record. */
    long forcedEnd() {
        return forcedEnd;
    }

    void submit(Submission submission) {
        if (closed) {
            submission.rejected(closedReason());
            return;
        }
        StoreUnavailableException reason = fence;
        if (reason != null) {
            submission.unknown(refusal(reason));
            return;
        }
        int bytes = submission.bytes();
        long total = waitingBytes.addAndGet(bytes);
        // One alone is always taken, however large: it would never fit otherwise.
        if (total > config.maxQueuedBytes() && total > bytes) {
            waitingBytes.addAndGet(-bytes);
            submission.rejected(new StoreRejectedException(
                    Reason.QUEUE_FULL,
                    "Cannot take " + bytes + " bytes: " + (total - bytes) + " bytes wait for the disk, the bound is "
                            + config.maxQueuedBytes() + "; nothing was written, try again later"));
            return;
        }
        waiting.add(submission);
        wake();
    }

    /** Where the log stands; on the writer's thread, between two batches. */
    LogPoint point() {
        return new LogPoint(end, sequence, epoch, batch.lastPosition(), batch.lastChecksum(), segments.start());
    }

    private void wake() {
        if (running.compareAndSet(false, true)) {
            try {
                executor.execute(this::drain);
            } catch (RejectedExecutionException e) {
                log.debug("A submission came while the store was closed", e);
                running.set(false);
                rejectWaiting();
            }
        }
    }

    private void drain() {
        do {
            try {
                while (writeBatch()) {
                    // until nothing waits
                }
            } finally {
                running.set(false);
            }
        } while (!waiting.isEmpty() && running.compareAndSet(false, true));
    }

    private boolean writeBatch() {
        StoreUnavailableException reason = fence;
        if (reason != null) {
            failWaiting(reason);
            return false;
        }
        if (finished) {
            rejectWaiting();
            return false;
        }
        try {
            batch.begin(end, forcedEnd, sequence, epoch, clock.millis());
            collect();
            if (batch.groups().isEmpty() && following == null) {
                return false;
            }
            write();
            answer();
            if (following != null) {
                roll();
            }
            return true;
        } catch (IOException | RuntimeException | Error e) {
            fence(e);
            return false;
        }
    }

    private void collect() {
        while (batch.end() - batch.start() < config.maxBatchBytes()) {
            Planned group = next();
            if (group == null) {
                return;
            }
            if (fits(group)) {
                batch.add(group);
                if (group.submission() instanceof PointTask) {
                    // Nothing may stand in the log behind the point when its task runs.
                    return;
                }
                continue;
            }
            following = preparer.take(active);
            if (following == null && group.submission().essential()) {
                takeReserve();
            }
            if (following != null) {
                heldOver = group;
                return;
            }
            release(group);
            group.submission()
                    .rejected(new StoreRejectedException(
                            Reason.DISK_FULL,
                            "Cannot append " + group.bytes() + " bytes: the log at " + config.directory()
                                    + " cannot grow; nothing was written, it goes on when the disk has space"));
        }
    }

    private void takeReserve() {
        following = preparer.takeReserve(active);
        followingIsReserve = following != null;
    }

    private boolean fits(Planned group) {
        if (onReserve && !group.submission().essential()) {
            return false;
        }
        long reserve = preparer.failing() && !group.submission().essential()
                ? Math.min(RESERVE_BYTES, active.capacity / RESERVE_SHARE)
                : 0;
        return group.bytes() == 0 || batch.end() + group.bytes() <= active.recordsEnd() - reserve;
    }

    private @Nullable Planned next() {
        Planned group = heldOver;
        heldOver = null;
        while (group == null) {
            Submission submission = waiting.peek();
            if (submission == null
                    || (submission.plannedAlone() && !batch.groups().isEmpty())) {
                return null;
            }
            waiting.poll();
            group = Planned.of(submission);
            if (group.bytes() > largestGroup) {
                release(group);
                submission.rejected(new StoreRejectedException(
                        Reason.TOO_LARGE,
                        "Cannot append " + group.bytes() + " bytes at once: a segment of the log holds " + largestGroup
                                + "; nothing was written"));
                group = null;
            }
        }
        return group;
    }

    private void write() throws IOException {
        long now = clock.nanoTime();
        if (batch.hasRecords()) {
            active.file.write(active.offsetOf(batch.start()), batch.buffers());
            sequence = batch.nextSequence();
            marked = false;
            lastBatchNanos = now;
            if (batch.start() == forcedEnd) {
                unforcedSinceNanos = now;
            }
        }
        if (batch.waitsForForce() || flushIsDue(batch.end(), now)) {
            force(batch.end());
        }
        end = batch.end();
    }

    private boolean flushIsDue(long upTo, long nowNanos) {
        return upTo - forcedEnd >= FLUSH_BYTES || (upTo > forcedEnd && nowNanos - unforcedSinceNanos >= FLUSH_NANOS);
    }

    private void force(long upTo) throws IOException {
        if (upTo > forcedEnd) {
            active.file.force(false);
            forcedEnd = upTo;
        }
    }

    private void answer() {
        for (Planned group : batch.groups()) {
            group.durable(batch.timestampMillis());
            release(group);
        }
    }

    private void release(Planned group) {
        waitingBytes.addAndGet(-group.submission().bytes());
    }

    /** Seals the active segment, forces it, and only then goes on in the next: so a torn tail never spans two. */
    private void roll() throws IOException {
        Segment next = following;
        following = null;
        if (next == null) {
            return;
        }
        writeOne(RecordKind.SEAL);
        segments.add(next);
        active = next;
        onReserve = followingIsReserve;
        followingIsReserve = false;
        end = next.recordsStart();
        forcedEnd = end;
        log.debug("Log goes on in file={}", next.path);
        preparer.begin(next);
    }

    private void writeOne(RecordKind kind) throws IOException {
        writeOne(new RecordDraft(kind, NOTHING));
    }

    /** Writes and forces a record of the log's own. */
    private void writeOne(RecordDraft draft) throws IOException {
        batch.begin(end, forcedEnd, sequence, epoch, clock.millis());
        batch.add(draft, (byte) 0);
        write();
        force(end);
        marked = true;
    }

    /**
     * Forces what nobody waited for when it is due, and leaves a mark behind the last batch when the log was idle for a
     * second. Called from the ticker.
     */
    void tick() {
        if (closed || fence != null) {
            return;
        }
        long now = clock.nanoTime();
        if (flushIsDue(end, now) || (!marked && now - lastBatchNanos >= IDLE_NANOS)) {
            executor.execute(() -> settle(!marked && now - lastBatchNanos >= IDLE_NANOS));
        }
    }

    /** Forces what is written; a mark behind it says so. */
    private void settle(boolean mark) {
        if (fence != null) {
            return;
        }
        try {
            force(end);
            if (mark && !marked && end + RecordFormat.HEADER <= active.recordsEnd()) {
                writeOne(RecordKind.MARK);
            }
        } catch (IOException | RuntimeException | Error e) {
            fence(e);
        }
    }

    /** Refuses what comes, writes what waits, leaves a mark. To be run on the writer's thread. */
    void finish() {
        closed = true;
        drain();
        settle(true);
        finished = true;
    }

    private void fence(Throwable cause) {
        StoreUnavailableException reason = new StoreUnavailableException(
                "Cannot write log file " + active.path + " behind offset " + active.offsetOf(end)
                        + "; whether the operation is in the log is unknown until the broker is started again",
                cause);
        fence = reason;
        log.error(
                "The log is fenced and takes nothing more; check the disk and start the broker again: file={} offset={}",
                active.path,
                active.offsetOf(end),
                cause);
        for (Planned group : batch.groups()) {
            group.submission().unknown(reason);
        }
        Planned held = heldOver;
        heldOver = null;
        if (held != null) {
            held.submission().unknown(reason);
        }
        failWaiting(reason);
    }

    private void failWaiting(StoreUnavailableException reason) {
        for (Submission submission = waiting.poll(); submission != null; submission = waiting.poll()) {
            waitingBytes.addAndGet(-submission.bytes());
            submission.unknown(refusal(reason));
        }
    }

    private void rejectWaiting() {
        for (Submission submission = waiting.poll(); submission != null; submission = waiting.poll()) {
            waitingBytes.addAndGet(-submission.bytes());
            submission.rejected(closedReason());
        }
    }

    private static StoreRejectedException closedReason() {
        return new StoreRejectedException(Reason.CLOSED, "Cannot write to the log: it is closed; nothing was written");
    }

    private static StoreUnavailableException refusal(StoreUnavailableException reason) {
        return new StoreUnavailableException(String.valueOf(reason.getMessage()), reason);
    }
}
