package dev.tally.broker.log;

import dev.tally.broker.env.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Opens the segment files of a directory: each must follow the one before, in its name and in its header. */
final class SegmentFiles {

    private static final Pattern NAME = Pattern.compile("(\\d{20})" + Pattern.quote(Segment.SUFFIX));

    private SegmentFiles() {}

    /** The position that a segment file's name says, empty where it is not such a name. */
    static OptionalLong baseOf(String name) {
        Matcher matcher = NAME.matcher(name);
        try {
            return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** The segment files of a directory, by name. */
    static List<String> list(LogConfig config, Disk disk) throws IOException {
        return disk.list(config.directory()).stream()
                .filter(name -> name.endsWith(Segment.SUFFIX))
                .toList();
    }

    /** Deletes what a crash left behind before it got its name: it never held a record. */
    static void deletePreparing(LogConfig config, Disk disk) throws IOException {
        for (String name : disk.list(config.directory())) {
            if (name.endsWith(Segment.PREPARING)) {
                disk.delete(config.directory().resolve(name));
            }
        }
    }

    /** Opens all segments; the list is empty where there are none. */
    static List<Segment> open(LogConfig config, Disk disk) throws IOException {
        List<Segment> files = new ArrayList<>();
        try {
            for (String name : list(config, disk)) {
                files.add(open(config, disk, name, files));
            }
            return files;
        } catch (IOException | RuntimeException e) {
            closeAll(files);
            throw e;
        }
    }

    private static Segment open(LogConfig config, Disk disk, String name, List<Segment> before) throws IOException {
        long expected = before.isEmpty()
                ? baseOf(name).orElse(0)
                : before.get(before.size() - 1).end();
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

    /** The first segment of a new log. */
    static Segment create(LogConfig config, Disk disk, RandomGenerator random) throws IOException {
        return Segment.prepare(disk, config.directory(), 0, config.firstSegmentBytes(), random.nextLong());
    }

    static void closeAll(List<Segment> files) throws IOException {
        for (Segment segment : files) {
            segment.close();
        }
    }
}
