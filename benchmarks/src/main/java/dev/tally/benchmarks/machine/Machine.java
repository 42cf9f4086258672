package dev.tally.benchmarks.machine;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The machine that figures belong to. */
public final class Machine {

    private static final long MIB = 1024;

    private Machine() {}

    /** Lines that describe it, the file system of {@code directory} included. */
    public static List<String> describe(Path directory) throws IOException {
        FileStore store = Files.getFileStore(Files.createDirectories(directory));
        return List.of(
                "cores: " + Runtime.getRuntime().availableProcessors() + ", memory: "
                        + ProcessUsage.field(read("/proc/meminfo"), "MemTotal:") / MIB + " MiB",
                "system: " + distribution() + ", kernel " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"),
                "java: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                "file system: " + store.type() + ", free: " + store.getUsableSpace() / (MIB * MIB) + " MiB",
                "load average: " + loadAverage());
    }

    /** How busy the machine was in the last 1, 5 and 15 minutes. */
    public static String loadAverage() throws IOException {
        String[] fields = read("/proc/loadavg").split(" ", -1);
        return fields[0] + " " + fields[1] + " " + fields[2];
    }

    private static String distribution() throws IOException {
        Path release = Path.of("/etc/os-release");
        if (!Files.exists(release)) {
            return System.getProperty("os.name");
        }
        return Files.readAllLines(release).stream()
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", ""))
                .findFirst()
                .orElse(System.getProperty("os.name"));
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file));
    }
}
