package dev.tally.benchmarks.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What the kernel has counted for the device below a directory: all that reached it, whoever wrote it.
 *
 * <p>A process's own {@code write_bytes} would not do: file systems with large folios count a whole folio, up to 1 MiB,
 * each time some bytes of it become dirty, although only the dirty blocks are written.
 */
public final class DiskUsage {

    private static final int SECTORS_WRITTEN = 6;
    private static final long SECTOR_BYTES = 512;

    private DiskUsage() {}

    /** Bytes written to the device so far, empty where there is none, as below a file system in memory. */
    public static OptionalLong writtenBytes(Path directory) throws IOException {
        long device = ((Number) Files.getAttribute(directory, "unix:dev")).longValue();
        Path statistics = Path.of("/sys/dev/block", major(device) + ":" + minor(device), "stat");
        return Files.exists(statistics)
                ? OptionalLong.of(writtenBytes(Files.readString(statistics)))
                : OptionalLong.empty();
    }

    static long writtenBytes(String statistics) {
        return SECTOR_BYTES * Long.parseLong(statistics.trim().split("\\s+", -1)[SECTORS_WRITTEN]);
    }

    /** As the C library takes a device number apart. */
    static long major(long device) {
        return (device >>> 8 & 0xfff) | (device >>> 32 & 0xfffff000L);
    }

    static long minor(long device) {
        return (device & 0xff) | (device >>> 12 & 0xffffff00L);
    }
}
