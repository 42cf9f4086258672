package dev.tally.broker.log;

import dev.tally.broker.env.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the log of a stopped broker, verifies all of it, and changes nothing.
 *
 * @since 0.1
 */
public final class LogCheck {

    private LogCheck() {}

    /**
     * What a log holds.
     *
     * @param segments segment files, with the one prepared ahead
     * @param start where the log begins
     * @param end the position behind the last valid record
     * @param epoch the last epoch
     * @param records valid records by the name of their kind
     * @param tornBytes bytes behind the end that nobody was promised, which the next start clears
     * @param skipped records that refer to ones that were given up in quarantine
     * @param damage everything because of which a start is refused; empty for a log that is whole
     * @since 0.1
     */
    public record Result(
            int segments,
            long start,
            long end,
            int epoch,
            Map<String, Long> records,
            long tornBytes,
            long skipped,
            List<String> damage) {}

    /**
     * Checks a log.
     *
     * @param visitor told of every record that can be read, also of those behind damage
     * @throws FormatTooNewException where a newer version wrote it
     */
    public static Result check(LogConfig config, Disk disk, RecordVisitor visitor) throws IOException {
        List<Segment> files;
        try {
            files = SegmentFiles.open(config, disk);
        } catch (LogCorruptedException e) {
            return nothing(found(e) + "; no record was read");
        }
        if (files.isEmpty()) {
            return nothing("there is no log in " + config.directory());
        }
        List<String> damage = new ArrayList<>();
        try {
            LogRecovery recovery = new LogRecovery(files, visitor, null, new Noting(damage));
            LogRecovery.End end = recovery.read();
            if (files.get(0).base > end.start()) {
                damage.add(at(files.get(0).path.resolveSibling(Segment.nameOf(end.start())), 0)
                        + "the segment is missing");
            }
            Map<String, Long> records = new LinkedHashMap<>();
            end.kinds().forEach((kind, count) -> records.put(kind.name(), count));
            return new Result(
                    files.size(),
                    files.get(0).base,
                    end.position(),
                    end.epoch(),
                    records,
                    end.tornBytes(),
                    end.skipped(),
                    damage);
        } catch (LogCorruptedException e) {
            damage.add(found(e) + "; nothing behind it was read");
            return new Result(files.size(), files.get(0).base, 0, 0, Map.of(), 0, 0, damage);
        } finally {
            SegmentFiles.closeAll(files);
        }
    }

    /**
     * Copies the log of a stopped broker.
     *
     * @param target an empty directory
     * @return the bytes that were copied
     * @throws LogCorruptedException where it is damaged; nothing was copied
     */
    public static long copy(LogConfig config, Disk disk, Path target) throws IOException {
        List<Segment> files = SegmentFiles.open(config, disk);
        try {
            LogRecovery.End end = new LogRecovery(files, record -> {}, null, DamagePolicy.REFUSE).read();
            return new LogBackup(disk, target).copy(files.subList(0, end.active() + 1), end.position());
        } finally {
            SegmentFiles.closeAll(files);
        }
    }

    private static Result nothing(String damage) {
        return new Result(0, 0, 0, 0, Map.of(), 0, 0, List.of(damage));
    }

    private static String at(Path file, long offset) {
        return file + " at offset " + offset + ": ";
    }

    private static String found(LogCorruptedException e) {
        return e.file() + " at offset " + e.offset() + ": " + e.found();
    }

    private record Noting(List<String> damage) implements DamagePolicy {

        @Override
        public void damaged(Damage found) {
            damage.add(at(found.segment().path, found.segment().offsetOf(found.from()))
                    + (found.to() - found.from()) + " bytes cannot be read, "
                    + (found.nextSequence() - found.firstSequence()) + " records are missing");
        }

        @Override
        public Segment missingBehind(Segment sealed) {
            throw DamagePolicy.missing(sealed);
        }
    }
}
