package dev.tally.benchmarks.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the kernel knows of a process, read from {@code /proc}. */
public final class ProcessUsage {

    /** The kernel counts in hundredths of a second, whatever its own tick is. */
    private static final long MILLIS_PER_TICK = 10;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;

    private ProcessUsage() {}

    /** User and system time of all threads of a process, those that ended included. */
    public static Duration cpu(long pid) throws IOException {
        return cpu(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
    }

    /** Resident memory of a process, in bytes. */
    public static long residentBytes(long pid) throws IOException {
        return 1024 * field(Files.readString(Path.of("/proc", Long.toString(pid), "status")), "VmRSS:");
    }

    /** Processor time by thread name, user and system in turn; names that differ only in digits are one. */
    public static Map<String, Duration> byThread(long pid) throws IOException {
        Map<String, Duration> times = new TreeMap<>();
        List<Path> tasks;
        try (Stream<Path> list = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            tasks = list.toList();
        }
        for (Path task : tasks) {
            String stat = Files.readString(task.resolve("stat"));
            String name =
                    stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')')).replaceAll("\\d+", "N");
            times.merge(name + " user", ticks(stat, USER_TICKS), Duration::plus);
            times.merge(name + " system", ticks(stat, SYSTEM_TICKS), Duration::plus);
        }
        return times;
    }

    /** User and system time from a line of {@code /proc/PID/stat}. */
    static Duration cpu(String stat) {
        return ticks(stat, USER_TICKS).plus(ticks(stat, SYSTEM_TICKS));
    }

    private static Duration ticks(String stat, int field) {
        // The command in parentheses may hold spaces and parentheses: count from behind it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ", -1);
        return Duration.ofMillis(MILLIS_PER_TICK * Long.parseLong(fields[field]));
    }

    /** The number behind a name at the beginning of a line. */
    static long field(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).replace("kB", "").trim())
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no " + name + " in: " + text));
    }
}
