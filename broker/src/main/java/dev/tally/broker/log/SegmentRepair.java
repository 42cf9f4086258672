package dev.tally.broker.log;

import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes the segment files of a damaged log a sequence again, in which each file has its name, its header and its size:
 * what is missing or belongs elsewhere is replaced by an empty segment, what is cut off is filled up. The records are
 * recovery's business.
 */
final class SegmentRepair {

    private final LogConfig config;
    private final Disk disk;
    private final Quarantine quarantine;

    SegmentRepair(LogConfig config, Disk disk, Quarantine quarantine) {
        this.config = config;
        this.disk = disk;
        this.quarantine = quarantine;
    }

    /** What a file says of itself; a damaged header says only the file's size. */
    private record Found(long base, long size, Segment.@Nullable Header header) {

        boolean belongsTo(long logId) {
            return header == null || (header.logId() == logId && header.base() == base);
        }

        /** Its end where that is known. */
        OptionalLong end() {
            return header == null ? OptionalLong.empty() : OptionalLong.of(base + header.capacity());
        }
    }

    void run() throws IOException {
        List<Found> files = inspect();
        if (files.isEmpty()) {
            return;
        }
        long logId = logIdOf(files);
        for (int i = 0; i < files.size(); i++) {
            Found file = files.get(i);
            long next = i + 1 < files.size() ? files.get(i + 1).base : -1;
            long end = repair(file, next, logId);
            fill(end, next, logId);
        }
        fill(start(), files.get(0).base, logId);
        disk.forceDirectory(config.directory());
    }

    /** Where the log begins: what is left of it may say that the segments before were removed on purpose. */
    private long start() throws IOException {
        List<Segment> segments = new ArrayList<>(SegmentFiles.open(config, disk));
        if (segments.isEmpty()) {
            throw new LogCorruptedException(config.directory(), 0, "no segment of the log can be used");
        }
        try {
            LogRecovery recovery = new LogRecovery(segments, record -> {}, null, ReadingOn.INSTANCE);
            try {
                return recovery.read().start();
            } catch (LogCorruptedException e) {
                return recovery.start();
            }
        } finally {
            SegmentFiles.closeAll(segments);
        }
    }

    /** Reads on behind damage; recovery will meet it again. */
    private enum ReadingOn implements DamagePolicy {
        INSTANCE;

        @Override
        public void damaged(Damage damage) {
            // Nothing is done about it yet.
        }

        @Override
        public Segment missingBehind(Segment sealed) {
            throw DamagePolicy.missing(sealed);
        }
    }

    private List<Found> inspect() throws IOException {
        List<Found> files = new ArrayList<>();
        long end = 0;
        for (String name : SegmentFiles.list(config, disk)) {
            OptionalLong base = SegmentFiles.baseOf(name);
            if (base.isEmpty() || base.getAsLong() < end) {
                remove(config.directory().resolve(name), "not the name of a segment that can be here");
                continue;
            }
            Found found = inspect(name, base.getAsLong());
            end = found.end().orElse(found.base + Segment.HEADER);
            files.add(found);
        }
        return files;
    }

    private Found inspect(String name, long base) throws IOException {
        try (DiskFile file = disk.open(config.directory().resolve(name))) {
            return new Found(base, file.size(), Segment.readHeader(file.read(0, Segment.HEADER)));
        }
    }

    /** The id in the first good header of a file that is in its place. */
    private static long logIdOf(List<Found> files) {
        for (Found file : files) {
            Segment.Header header = file.header;
            if (header != null && header.base() == file.base) {
                return header.logId();
            }
        }
        throw new LogCorruptedException(
                Path.of(Segment.nameOf(files.get(0).base)), 0, "no segment of the log has a header that can be read");
    }

    /** Repairs one file and returns where it ends. */
    private long repair(Found file, long next, long logId) throws IOException {
        Path path = config.directory().resolve(Segment.nameOf(file.base));
        long capacity = capacityOf(file, next, logId);
        if (capacity == 0) {
            remove(path, "no segment that this log can use, and nothing follows it");
            return file.base;
        }
        if (!file.belongsTo(logId)) {
            quarantine.unusable(path, "a segment of another log or another place");
            Segment.prepare(disk, config.directory(), file.base, capacity, logId)
                    .close();
        } else if (file.size != capacity) {
            quarantine.unusable(path, "the file has " + file.size + " bytes instead of " + capacity);
            try (DiskFile records = disk.open(path)) {
                Segment.prepare(disk, config.directory(), file.base, capacity, logId, records)
                        .close();
            }
        } else if (file.header == null) {
            try (Segment segment = Segment.unchecked(path, disk.open(path), file.base, capacity, logId)) {
                quarantine.damagedHeader(path, file.base, segment.file);
                segment.restoreHeader();
            }
        }
        return file.base + capacity;
    }

    /** The size that a file must have, 0 where nothing says it. */
    private static long capacityOf(Found file, long next, long logId) {
        if (file.header != null && file.belongsTo(logId)) {
            return file.header.capacity();
        }
        if (next > 0 && next - file.base <= LogConfig.MAX_SEGMENT_BYTES) {
            return next - file.base;
        }
        boolean usable = file.belongsTo(logId)
                && file.size >= LogConfig.MIN_SEGMENT_BYTES
                && file.size % RecordFormat.ALIGNMENT == 0;
        return usable ? file.size : 0;
    }

    /** Puts empty segments where some are missing. */
    private void fill(long from, long next, long logId) throws IOException {
        for (long base = from; base < next; ) {
            long capacity = Math.min(next - base, LogConfig.MAX_SEGMENT_BYTES);
            quarantine.missing(config.directory().resolve(Segment.nameOf(base)), "the segment is missing");
            Segment.prepare(disk, config.directory(), base, capacity, logId).close();
            base += capacity;
        }
    }

    private void remove(Path file, String found) throws IOException {
        quarantine.unusable(file, found);
        disk.delete(file);
    }
}
