package dev.tally.broker.log;

import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies a log up to a position behind which nothing was promised yet:
 *
 * <ol>
 *   <li>every segment, in order, to a temporary name; what lies behind the position becomes zeros;
 *   <li>every copy gets its name, in order: until the last one has it a start is refused, for a segment is missing.
 * </ol>
 */
final class LogBackup {

    private static final int CHUNK = 256 * 1024;
    private static final String COPYING = ".copying";

    private final Disk disk;
    private final Path target;

    LogBackup(Disk disk, Path target) {
        this.disk = disk;
        this.target = target;
    }

    /** Copies what the segments hold below a position; returns the bytes. */
    long copy(List<Segment> segments, long upTo) throws IOException {
        List<Path> copies = new ArrayList<>();
        long bytes = 0;
        for (Segment segment : segments) {
            Path copy = target.resolve(Segment.nameOf(segment.base));
            long used = Math.min(segment.capacity, upTo - segment.base);
            copy(segment, used, copy.resolveSibling(copy.getFileName() + COPYING));
            copies.add(copy);
            bytes += used;
        }
        for (Path copy : copies) {
            disk.rename(copy.resolveSibling(copy.getFileName() + COPYING), copy);
            disk.forceDirectory(target);
        }
        return bytes;
    }

    private void copy(Segment segment, long used, Path copy) throws IOException {
        try (DiskFile file = disk.create(copy)) {
            for (long at = 0; at < used; at += CHUNK) {
                file.write(at, segment.file.read(at, (int) Math.min(CHUNK, used - at)));
            }
            Segment.writeZeros(file, used, segment.capacity);
            file.force(true);
        } catch (InternalError e) {
            throw segment.unreadable(segment.base, e);
        }
    }
}
