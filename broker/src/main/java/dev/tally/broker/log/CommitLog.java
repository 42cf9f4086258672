package dev.tally.broker.log;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
import dev.tally.broker.env.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

    private final Workers workers;
    private final Segments segments;
    private final SegmentPreparer preparer;
    private final RecordFormat format;
    private final LogWriter writer;
    private final RecoveryReport report;
    private boolean closed;

    private CommitLog(
            Workers workers,
            Segments segments,
            SegmentPreparer preparer,
            RecordFormat format,
            LogWriter writer,
            RecoveryReport report) {
        this.workers = workers;
        this.segments = segments;
        this.preparer = preparer;
        this.format = format;
        this.writer = writer;
        this.report = report;
    }

    /** Whether a directory holds a log. */
    public static boolean exists(Disk disk, LogConfig config) throws IOException {
        return disk.list(config.directory()).stream().anyMatch(name -> name.endsWith(Segment.SUFFIX));
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
        List<Segment> files = openSegments(config, disk, random);
        try {
            RecordFormat format = new RecordFormat(files.get(0).logId);
            LogRecovery.End end = new LogRecovery(files, format, visitor, from).run();
            Segments segments = new Segments(files.subList(0, end.active() + 1));
            SegmentPreparer preparer =
                    new SegmentPreparer(config, disk, clock, workers.background(), files.get(0).logId);
            adoptPrepared(files, end.active(), preparer);
            Segment active = files.get(end.active());
            LogWriter writer = new LogWriter(config, clock, workers.writer(), segments, preparer, format, active, end);
            writer.begin();
            RecoveryReport report = new RecoveryReport(
                    end.records(), end.active() + 1, writer.epoch(), end.position(), end.tornBytes());
            log.info("Opened the log: directory={} {}", config.directory(), report);
            return new CommitLog(workers, segments, preparer, format, writer, report);
        } catch (IOException | RuntimeException e) {
            closeAll(files);
            throw e;
        }
    }

    private static List<Segment> openSegments(LogConfig config, Disk disk, RandomGenerator random) throws IOException {
        List<Segment> files = new ArrayList<>();
        try {
            for (String name : disk.list(config.directory())) {
                if (name.endsWith(Segment.PREPARING)) {
                    // Left behind by a crash before it got its name: it never held a record.
                    disk.delete(config.directory().resolve(name));
                } else if (name.endsWith(Segment.SUFFIX)) {
                    files.add(openSegment(config, disk, name, files));
                }
            }
            if (files.isEmpty()) {
                files.add(Segment.prepare(disk, config.directory(), 0, config.firstSegmentBytes(), random.nextLong()));
            }
            return files;
        } catch (IOException | RuntimeException e) {
            closeAll(files);
            throw e;
        }
    }

    private static Segment openSegment(LogConfig config, Disk disk, String name, List<Segment> before)
            throws IOException {
        long expected = before.isEmpty() ? 0 : before.get(before.size() - 1).end();
        if (!name.equals(Segment.nameOf(expected))) {
            throw new LogCorruptedException(
                    config.directory().resolve(Segment.nameOf(expected)),
                    0,
                    "the segment is missing, the next file is " + name);
        }
        Segment segment = Segment.open(disk, config.directory().resolve(name), expected);
        if (!before.isEmpty() && segment.logId != before.get(0).logId) {
            segment.close();
            throw new LogCorruptedException(segment.path, 16, "the segment belongs to another log");
        }
        return segment;
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

    private static void closeAll(List<Segment> files) throws IOException {
        for (Segment segment : files) {
            segment.close();
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

    /** The record at any position, {@code null} where none starts there. */
    public @Nullable LogRecord find(long position) {
        Segment segment = segments.covering(position);
        if (segment == null || position >= writer.durableEnd()) {
            return null;
        }
        try {
            ByteBuffer bytes = segment.verified(position, format);
            if (bytes == null) {
                return null;
            }
            RecordFormat.Header header = RecordFormat.header(bytes);
            RecordKind kind = RecordKind.of(header.kind());
            return kind == null
                    ? null
                    : new LogRecord(
                            position,
                            kind,
                            header.timestampMillis(),
                            bytes.slice(RecordFormat.HEADER, header.length() - RecordFormat.HEADER));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the log at position " + position, e);
        }
    }

    /** The position behind the last forced record. */
    public long end() {
        return writer.durableEnd();
    }

    /** What opening found. */
    public RecoveryReport report() {
        return report;
    }

    /** Lets the log use a quiet moment to protect its last batch; to be called now and then. */
    public void tick() {
        writer.markWhenIdle();
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
