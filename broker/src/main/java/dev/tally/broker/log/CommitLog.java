package dev.tally.broker.log;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
import dev.tally.broker.env.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only log of one data directory. What it answers is forced; what it hands out is verified at every read.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class CommitLog implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CommitLog.class);

    private final Disk disk;
    private final Workers workers;
    private final Segments segments;
    private final SegmentPreparer preparer;
    private final SegmentRemover remover;
    private final LogWriter writer;
    private final RecoveryReport report;
    private boolean closed;

    private CommitLog(
            Disk disk,
            Workers workers,
            Segments segments,
            SegmentPreparer preparer,
            SegmentRemover remover,
            LogWriter writer,
            RecoveryReport report) {
        this.disk = disk;
        this.workers = workers;
        this.segments = segments;
        this.preparer = preparer;
        this.remover = remover;
        this.writer = writer;
        this.report = report;
    }

    /** Whether a directory holds a log. */
    public static boolean exists(Disk disk, LogConfig config) throws IOException {
        return disk.list(config.directory()).stream().anyMatch(name -> name.endsWith(Segment.SUFFIX));
    }

    /** The position from which on a directory has segment files, by their names; 0 where it has none. */
    public static long firstBase(Disk disk, LogConfig config) throws IOException {
        List<String> names = SegmentFiles.list(config, disk);
        return names.isEmpty() ? 0 : SegmentFiles.baseOf(names.get(0)).orElse(0);
    }

    /**
     * Opens a log, or creates one where the directory holds none, and begins a new epoch.
     *
     * @param visitor told of every record that is there, from {@code from} on
     * @param from where to begin, {@code null} for the log's start. Records before it are not read; the record right
     *     before it must be the one that stood there when the point was taken
     * @throws LogCorruptedException where acknowledged bytes are damaged or missing, or the log's files are older than
     *     {@code from}
     * @throws FormatTooNewException where a newer version wrote the log
     */
    public static CommitLog open(
            LogConfig config,
            Disk disk,
            BrokerClock clock,
            RandomGenerator random,
            Workers workers,
            RecordVisitor visitor,
            @Nullable LogPoint from)
            throws IOException {
        Quarantine quarantine = Quarantine.of(config, disk);
        if (quarantine != null) {
            new SegmentRepair(config, disk, quarantine).run();
        }
        SegmentFiles.deletePreparing(config, disk);
        List<Segment> files = new ArrayList<>(SegmentFiles.open(config, disk));
        try {
            if (files.isEmpty()) {
                files.add(SegmentFiles.create(config, disk, random));
            }
            LogRecovery recovery =
                    new LogRecovery(files, visitor, from, quarantine == null ? DamagePolicy.REFUSE : quarantine);
            CommitLog opened = begin(config, disk, clock, workers, files, recovery.run(), quarantine);
            log.info("Opened the log: directory={} {}", config.directory(), opened.report);
            return opened;
        } catch (IOException | RuntimeException e) {
            SegmentFiles.closeAll(files);
            throw e;
        }
    }

    /** Begins a new epoch behind what was recovered. */
    private static CommitLog begin(
            LogConfig config,
            Disk disk,
            BrokerClock clock,
            Workers workers,
            List<Segment> files,
            LogRecovery.End end,
            @Nullable Quarantine quarantine)
            throws IOException {
        if (quarantine != null) {
            quarantine.removeSurplus(files, end.active() + 2);
        }
        Segments segments = new Segments(files.subList(0, end.active() + 1));
        SegmentPreparer preparer = new SegmentPreparer(config, disk, clock, workers.background(), files.get(0).logId);
        adoptPrepared(files, end.active(), preparer);
        LogWriter writer =
                new LogWriter(config, clock, workers.writer(), segments, preparer, files.get(end.active()), end);
        writer.begin();
        List<LostRegion> lost = List.of();
        if (quarantine != null) {
            lost = quarantine.finish(end.skipped());
        }
        SegmentRemover remover = new SegmentRemover(config, disk, workers.background());
        remover.remove(segments.dropBefore(end.start()));
        RecoveryReport report = new RecoveryReport(
                end.records(), end.active() + 1, writer.epoch(), end.position(), end.tornBytes(), lost, end.skipped());
        return new CommitLog(disk, workers, segments, preparer, remover, writer, report);
    }

    private static void adoptPrepared(List<Segment> files, int active, SegmentPreparer preparer) {
        if (files.size() > active + 1) {
            preparer.adopt(files.get(active + 1));
        }
        if (files.size() > active + 2) {
            Segment odd = files.get(active + 2);
            throw new LogCorruptedException(odd.path, 0, "more than one segment lies behind the one that is written");
        }
    }

    /** Hands work to the writer. Never blocks; what cannot be taken is answered at once. */
    public void submit(Submission submission) {
        writer.submit(submission);
    }

    /**
     * Runs a task on the writer's thread between two batches: everything submitted before is on the disk and applied,
     * nothing submitted later is, so the state that the task sees is what the log comes to up to the point. The log
     * stands still while it runs.
     *
     * @return completes when the task ran; exceptionally where it failed, or where the log is closed or fenced
     */
    public CompletableFuture<Void> atPoint(Consumer<LogPoint> task) {
        PointTask point = new PointTask(task, writer::point);
        writer.submit(point);
        return point.done();
    }

    /**
     * Copies the log as it is now, while it is written on.
     *
     * @param target an empty directory
     * @return where the copy ends: what was submitted before the call is in it
     * @throws IOException where the copy cannot be written; the log is untouched
     */
    public long backup(Path target) throws IOException {
        AtomicReference<List<Segment>> here = new AtomicReference<>(List.of());
        AtomicLong end = new AtomicLong();
        remover.pause();
        try {
            atPoint(point -> {
                        here.set(segments.all());
                        end.set(point.position());
                    })
                    .join();
            new LogBackup(disk, target).copy(here.get(), end.get());
        } catch (CompletionException e) {
            throw new IOException("Cannot copy the log: " + e.getMessage(), e);
        } finally {
            remover.resume();
        }
        return end.get();
    }

    /**
     * The record at a position at which one is known to stand.
     *
     * @throws LogCorruptedException where its bytes are not what was written
     */
    public LogRecord read(long position) {
        LogRecord record = find(position);
        if (record == null) {
            Segment segment = segments.covering(position);
            if (segment == null) {
                throw new IllegalArgumentException("No record can stand at log position " + position);
            }
            throw new LogCorruptedException(
                    segment.path, segment.offsetOf(position), "a record was written here, its bytes are damaged now");
        }
        return record;
    }

    /** Says that the record at a position, whose checksum is right, cannot be what was meant to be written. */
    public LogCorruptedException corrupted(long position, String found) {
        Segment segment = segments.covering(position);
        if (segment == null) {
            throw new IllegalArgumentException("No record can stand at log position " + position);
        }
        return new LogCorruptedException(segment.path, segment.offsetOf(position), found);
    }

    /** The record at any position, {@code null} where none starts there. */
    public @Nullable LogRecord find(long position) {
        Segment segment = segments.covering(position);
        if (segment == null || position >= writer.end()) {
            return null;
        }
        try {
            ByteBuffer bytes = segment.verified(position);
            RecordKind kind = bytes == null ? null : RecordKind.of(bytes.get(RecordFormat.KIND_AT));
            if (bytes == null || kind == null) {
                return null;
            }
            return new LogRecord(
                    position,
                    kind,
                    bytes.getLong(RecordFormat.TIMESTAMP_AT),
                    bytes.slice(RecordFormat.HEADER, bytes.getInt(0) - RecordFormat.HEADER));
        } catch (IOException e) {
            if (segments.covering(position) != segment) {
                // Removed, and its file closed, while it was read.
                return null;
            }
            throw new UncheckedIOException("Cannot read the log at position " + position, e);
        }
    }

    /** The position behind the last record that was answered. */
    public long end() {
        return writer.end();
    }

    /** The position behind the last forced record: only what {@link Submission#waitsForForce waits} is never behind it. */
    public long forcedEnd() {
        return writer.forcedEnd();
    }

    /** The first position that is still there: 0, or the base of a segment. */
    public long start() {
        return segments.start();
    }

    /**
     * Removes whole segments from the front. First it is written down, and forced, that the log begins later; then the
     * segments are no longer read, and their files are deleted in the background. Whatever moment a crash takes, the next
     * start finds the log from some segment on, and deletes what is left of the others.
     *
     * @param position everything before it may go; the segment that covers it stays, and the one that is written
     * @return where the log begins from then on, when that is on the disk
     */
    public CompletableFuture<Long> removeBefore(long position) {
        RemovalTask removal = new RemovalTask(position, segments, remover);
        writer.submit(removal);
        return removal.newStart();
    }

    /** The segments that nothing is appended to any more, oldest first. */
    public List<SealedSegment> sealed() {
        List<Segment> all = segments.all();
        List<SealedSegment> sealed = new ArrayList<>();
        for (int i = 0; i + 1 < all.size(); i++) {
            // The first record of the next segment follows the seal of this one at once.
            LogRecord next = find(all.get(i + 1).recordsStart());
            if (next == null) {
                // Damaged, or sealed this very moment: neither it nor what follows is judged by its age.
                break;
            }
            sealed.add(new SealedSegment(all.get(i).base, all.get(i).end(), next.timestampMillis()));
        }
        return sealed;
    }

    /** What the segment files take, the active one and without the one prepared ahead. */
    public long fileBytes() {
        long bytes = 0;
        for (Segment segment : segments.all()) {
            bytes += segment.capacity;
        }
        return bytes;
    }

    /** What opening found. */
    public RecoveryReport report() {
        return report;
    }

    /** Forces what nobody waited for, and protects the last batch in a quiet moment; to be called every 50 ms or so. */
    public void tick() {
        writer.tick();
    }

    /** Writes what waits, then closes the files; idempotent. What is submitted later is rejected. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        CompletableFuture.runAsync(this::finish, workers.writer()).join();
    }

    private void finish() {
        writer.finish();
        try {
            preparer.close();
            segments.close();
        } catch (IOException e) {
            log.warn("Cannot close a log file; the log is complete all the same", e);
        }
    }
}
