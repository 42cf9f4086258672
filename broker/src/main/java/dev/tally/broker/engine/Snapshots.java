package dev.tally.broker.engine;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Workers;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.LogPoint;
import dev.tally.broker.snapshot.SnapshotFiles;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots of a running store:
 *
 * <ol>
 *   <li>on the log's writer thread, between two batches, the state is written into the page cache;
 *   <li>in the background the index files that it names are forced, then the snapshot, and only then it gets its name;
 *   <li>on the writer's thread again, index files are deleted that no snapshot can know any more.
 * </ol>
 *
 * <p>A snapshot that fails harms nothing: it is deleted, and the next attempt follows.
 */
final class Snapshots {

    private static final Logger log = LoggerFactory.getLogger(Snapshots.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int SHARE = 4;
    private static final int MAX_NEW_FILES = 32;

    private final SnapshotFiles files;
    private final StoreState state;
    private final CommitLog commitLog;
    private final Executor background;
    private final Executor writer;
    private final BrokerClock clock;
    private final long everyBytes;

    private final AtomicBoolean running = new AtomicBoolean();
    private volatile long lastPosition;
    private volatile long lastBytes;
    private volatile int lastFiles;
    private volatile boolean retrying;
    private volatile long failedAtNanos;
    private volatile boolean damaged;
    private final AtomicLong failures = new AtomicLong();
    private long previousKept;

    Snapshots(
            SnapshotFiles files,
            StoreState state,
            CommitLog commitLog,
            Workers workers,
            BrokerClock clock,
            long everyBytes,
            long lastPosition) {
        this.files = files;
        this.state = state;
        this.commitLog = commitLog;
        this.background = workers.background();
        this.writer = workers.writer();
        this.clock = clock;
        this.everyBytes = everyBytes;
        this.lastPosition = lastPosition;
        this.lastFiles = state.queues.fileCount();
    }

    /** What was written on the writer's thread and is still to be forced. */
    private record Written(SnapshotFiles.Pending pending, long number, LogPoint point, long bytes, Set<Long> dirty) {}

    /** The log position of the last snapshot, 0 without one. */
    long lastPosition() {
        return lastPosition;
    }

    /** How many attempts failed since the start. */
    long failures() {
        return failures.get();
    }

    /** Takes a snapshot if enough was logged since the last one. Called now and then; returns at once. */
    CompletableFuture<Void> takeWhenDue() {
        boolean enoughLogged = commitLog.end() - lastPosition >= Math.max(everyBytes, SHARE * lastBytes);
        // Index files go only with snapshots: many queues that take turns leave many that nothing needs.
        boolean manyFiles = state.queues.fileCount() - lastFiles >= MAX_NEW_FILES;
        if (!(enoughLogged || manyFiles) || damaged || (retrying && clock.nanoTime() - failedAtNanos < RETRY_NANOS)) {
            return CompletableFuture.completedFuture(null);
        }
        return take();
    }

    /** Takes a snapshot; completes when it is on the disk or has failed, at once where one is being taken. */
    CompletableFuture<Void> take() {
        if (damaged || !running.compareAndSet(false, true)) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Written> written = new CompletableFuture<>();
        return commitLog
                .atPoint(point -> written.complete(write(point)))
                .thenRunAsync(() -> complete(written.join()), background)
                .handle((done, failure) -> {
                    if (failure != null) {
                        failed(
                                failure instanceof CompletionException && failure.getCause() != null
                                        ? failure.getCause()
                                        : failure);
                    }
                    running.set(false);
                    return null;
                });
    }

    private Written write(LogPoint point) {
        long number = state.queues.snapshotBegins();
        state.keys.seal(point.position());
        SnapshotFiles.Pending pending = null;
        try {
            pending = files.begin(point.position());
            new StoreSnapshot(state).writeTo(pending.output(), point);
            long bytes = pending.output().finish();
            return new Written(pending, number, point, bytes, state.queues.takeDirty());
        } catch (IOException | RuntimeException e) {
            if (pending != null) {
                files.abandon(pending);
            }
            throw new CompletionException(e);
        }
    }

    private void complete(Written written) {
        try {
            state.queues.force(written.dirty);
            state.keys.force();
            files.complete(written.pending);
        } catch (IOException | RuntimeException e) {
            files.abandon(written.pending);
            throw new CompletionException(e);
        }
        retrying = false;
        lastBytes = written.bytes;
        lastFiles = state.queues.fileCount();
        lastPosition = written.point.position();
        long oldestKept = previousKept;
        previousKept = written.number;
        log.debug("Took a snapshot: position={} bytes={}", written.point.position(), written.bytes);
        deleteUnneededKeys(written.point.start());
        try {
            writer.execute(() -> state.queues.deleteUnneeded(oldestKept));
        } catch (RejectedExecutionException e) {
            log.debug("The store was closed; the next start deletes index files that nothing needs", e);
        }
    }

    private void deleteUnneededKeys(long start) {
        try {
            state.keys.snapshotTaken(start);
        } catch (IOException e) {
            log.warn("Cannot delete a file of the key index that nothing needs; the next start does", e);
        }
    }

    private void failed(Throwable cause) {
        if (cause instanceof StoreUnavailableException || cause instanceof StoreRejectedException) {
            // The log was fenced or closed, and said so itself.
            log.debug("No snapshot was taken", cause);
            return;
        }
        failures.incrementAndGet();
        retrying = true;
        failedAtNanos = clock.nanoTime();
        log.warn(
                "Cannot take a snapshot; the next start reads more of the log, tried again in seconds={}",
                TimeUnit.NANOSECONDS.toSeconds(RETRY_NANOS),
                cause);
    }

    /** A page of an index turned out to be damaged: no snapshot may name it, so that the next start builds it again. */
    void discard(RuntimeException cause) {
        if (damaged) {
            return;
        }
        damaged = true;
        log.error(
                "An index page is damaged; nothing is lost, the next start builds all indexes again from the log: start the broker again soon",
                cause);
        background.execute(() -> {
            try {
                files.discard(files.newestFirst());
            } catch (IOException e) {
                log.warn("Cannot delete the snapshots; the next start will find the damage by itself", e);
            }
        });
    }
}
