package dev.tally.broker.log;

import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives damaged parts of a log up, because an operator said so:
 *
 * <ol>
 *   <li>the bytes are copied to {@code <position>-<length>.bytes} in the quarantine directory, and forced;
 *   <li>the place in the log is overwritten by {@link RecordKind#GAP} records, which say where the log goes on: so every
 *       later start finds a whole log, and comes to the same state;
 *   <li>a report lists what is lost.
 * </ol>
 *
 * <p>A crash between two steps leaves a log that is still refused, and every copy: it is to be done again.
 */
final class Quarantine implements DamagePolicy {

    private static final Logger log = LoggerFactory.getLogger(Quarantine.class);
    private static final int CHUNK = 64 * 1024;
    private static final int GAP_BYTES = 1024 * 1024;

    private final Disk disk;
    private final Path logDirectory;
    private final Path directory;
    private final List<LostRegion> lost = new ArrayList<>();

    private Quarantine(Disk disk, Path logDirectory, Path directory) {
        this.disk = disk;
        this.logDirectory = logDirectory;
        this.directory = directory;
    }

    static @Nullable Quarantine of(LogConfig config, Disk disk) throws IOException {
        Path directory = config.quarantine();
        if (directory == null) {
            return null;
        }
        disk.createDirectories(directory);
        return new Quarantine(disk, config.directory(), directory);
    }

    @Override
    public void damaged(Damage damage) throws IOException {
        Segment segment = damage.segment();
        String copy = copy(segment.file, segment.base, damage.from(), damage.to());
        lose(new LostRegion(
                segment.path.toString(),
                segment.offsetOf(damage.from()),
                damage.to() - damage.from(),
                damage.firstSequence(),
                damage.nextSequence() - 1,
                copy == null ? "only zeros" : "no valid record",
                copy));
        Checksum checksum = new Checksum(segment.logId);
        for (long at = damage.from(); at < damage.to(); ) {
            ByteBuffer gap = gap(checksum, at, nextLength(damage.to() - at), damage);
            at += gap.remaining();
            segment.file.write(segment.offsetOf(at) - gap.remaining(), gap);
        }
        segment.file.force(false);
    }

    /** The length of the next gap record: what is left behind it must hold another one. */
    private static int nextLength(long left) {
        return (int) (left <= GAP_BYTES ? left : Math.min(GAP_BYTES, left - RecordFormat.HEADER));
    }

    private static ByteBuffer gap(Checksum checksum, long position, int length, Damage damage) {
        ByteBuffer gap = ByteBuffer.allocate(length);
        RecordFormat.putHeader(
                gap, length, RecordKind.GAP, (byte) 0, damage.epoch(), damage.nextSequence(), 0, position);
        gap.putInt(RecordFormat.CRC_AT, checksum.of(gap.duplicate(), 0, length, position));
        return gap.clear();
    }

    @Override
    public Segment missingBehind(Segment sealed) throws IOException {
        Segment empty = Segment.prepare(disk, logDirectory, sealed.end(), sealed.capacity, sealed.logId);
        missing(empty.path, "the segment is missing, and everything behind it");
        return empty;
    }

    /** A segment file was missing; an empty one takes its place. What it held is told when the log is read. */
    void missing(Path file, String found) {
        lose(new LostRegion(file.toString(), 0, 0, 1, 0, found, null));
    }

    /** No valid record is behind the end of the log: at most one segment may be prepared there. */
    void removeSurplus(List<Segment> files, int keep) throws IOException {
        while (files.size() > keep) {
            Segment surplus = files.remove(files.size() - 1);
            surplus.close();
            unusable(surplus.path, "no valid record, behind the end of the log");
            disk.delete(surplus.path);
            disk.forceDirectory(logDirectory);
        }
    }

    /** A whole file cannot be used as it is; it is copied before it is replaced. */
    void unusable(Path file, String found) throws IOException {
        Path copy = unused(file.getFileName() + ".bytes");
        long size;
        try (DiskFile source = disk.open(file)) {
            size = source.size();
            copy(source, 0, size, copy);
        }
        lose(new LostRegion(file.toString(), 0, size, 1, 0, found, copy.toString()));
    }

    /** Bytes of a segment's header are damaged; what it must hold is known. */
    void damagedHeader(Path file, long base, DiskFile source) throws IOException {
        String copy = copy(source, base, base, base + Segment.HEADER);
        lose(new LostRegion(file.toString(), 0, Segment.HEADER, 1, 0, "a damaged header; it was restored", copy));
    }

    private void lose(LostRegion region) {
        lost.add(region);
        log.error("Gave up a damaged part of the log: {}", region);
    }

    /** Copies log bytes, and returns where to; {@code null} where all are zero. */
    private @Nullable String copy(DiskFile source, long base, long from, long to) throws IOException {
        if (isZero(source, from - base, to - base)) {
            return null;
        }
        Path copy = unused(from + "-" + (to - from) + ".bytes");
        copy(source, from - base, to - base, copy);
        return copy.toString();
    }

    private static boolean isZero(DiskFile source, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
        for (long at = from; at < to; at += CHUNK) {
            int length = (int) Math.min(CHUNK, to - at);
            if (readable(source, at, length).mismatch(zeros.slice(0, length)) >= 0) {
                return false;
            }
        }
        return true;
    }

    private void copy(DiskFile source, long from, long to, Path copy) throws IOException {
        try (DiskFile target = disk.create(copy)) {
            for (long at = from; at < to; at += CHUNK) {
                target.write(at - from, readable(source, at, (int) Math.min(CHUNK, to - at)));
            }
            target.force(true);
        }
        disk.forceDirectory(directory);
    }

    /** Bytes of a file; zeros for what the disk cannot read. */
    private static ByteBuffer readable(DiskFile source, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            bytes.put(source.read(at, length));
        } catch (InternalError e) {
            log.warn("The disk cannot read bytes={} at offset={}; they are copied as zeros", length, at, e);
        }
        return bytes.clear();
    }

    private Path unused(String name) throws IOException {
        Path path = directory.resolve(name);
        for (int copy = 2; disk.exists(path); copy++) {
            path = directory.resolve(name + "." + copy);
        }
        return path;
    }

    /** Writes the report, if anything was lost. */
    List<LostRegion> finish(long skipped) throws IOException {
        if (lost.isEmpty()) {
            return List.of();
        }
        StringBuilder text = new StringBuilder("What was given up of the log in " + logDirectory + ":\n\n");
        for (LostRegion region : lost) {
            text.append("file: ").append(region.file());
            text.append("\n  offset: ")
                    .append(region.offset())
                    .append(", bytes: ")
                    .append(region.bytes());
            text.append("\n  found: ").append(region.found());
            if (region.records() > 0) {
                text.append("\n  records missing: ").append(region.records());
                text.append(" (sequences ").append(region.firstSequence());
                text.append(" to ").append(region.lastSequence()).append(')');
            }
            text.append("\n  copy: ")
                    .append(region.copy() == null ? "none" : region.copy())
                    .append("\n\n");
        }
        text.append("Records that refer to lost ones and were skipped: ")
                .append(skipped)
                .append('\n');
        Path report = unused("report.txt");
        try (DiskFile file = disk.create(report)) {
            file.write(0, ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
            file.force(true);
        }
        disk.forceDirectory(directory);
        log.error("Parts of the log were given up; see report={}", report);
        return List.copyOf(lost);
    }
}
