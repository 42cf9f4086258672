package dev.tally.broker.engine;

import dev.tally.broker.env.DirectoryLock;
import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import dev.tally.broker.key.KeyIndexConfig;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.FormatTooNewException;
import dev.tally.broker.log.FormatTooOldException;
import dev.tally.broker.log.LogConfig;
import dev.tally.broker.log.LogCorruptedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data directory:
 *
 * <pre>
 * lock       taken by the broker that runs on it
 * FORMAT     "tally-broker-store 2": the version of this layout; written after the log's first segment
 * log/       the log's segments, {@code <position>.log}
 * index/     derived: the queues' indexes, {@code <number>.index}
 * keys/      derived: the index of keys, {@code <from>-<to>-<number>.keys}
 * snapshot/  derived: snapshots, {@code <position>.snapshot}
 * quarantine/  copies of damaged parts that were given up, with a report
 * </pre>
 *
 * <p>What is derived may be deleted while no broker runs on the directory: it is built again from the log.
 */
final class StoreDirectory implements AutoCloseable {

    static final String FORMAT_FILE = "FORMAT";
    static final int FORMAT = 2;
    static final String LOG = "log";

    private static final Logger log = LoggerFactory.getLogger(StoreDirectory.class);
    private static final Pattern CONTENT = Pattern.compile("tally-broker-store (\\d{1,9})\\n");
    private static final int MAX_CONTENT = 64;

    private final Disk disk;
    private final Path directory;
    private final DirectoryLock lock;

    private StoreDirectory(Disk disk, Path directory, DirectoryLock lock) {
        this.disk = disk;
        this.directory = directory;
        this.lock = lock;
    }

    /** Takes a directory that exists, as it is. */
    static StoreDirectory takeExisting(Path directory, Disk disk) throws IOException {
        return new StoreDirectory(disk, directory, disk.lock(directory));
    }

    /** Takes a directory, and refuses one that a newer version wrote or whose log is gone, before anything is touched. */
    static StoreDirectory take(StoreConfig config, DerivedConfig derived, Disk disk) throws IOException {
        Path directory = config.directory();
        disk.createDirectories(directory);
        StoreDirectory taken = new StoreDirectory(disk, directory, disk.lock(directory));
        try {
            LogConfig logConfig = config.log();
            boolean formatted = taken.readFormat();
            disk.createDirectories(logConfig.directory());
            disk.createDirectories(derived.index().directory());
            disk.createDirectories(derived.snapshots());
            KeyIndexConfig keys = derived.keys();
            if (keys != null) {
                disk.createDirectories(keys.directory());
            }
            disk.forceDirectory(directory);
            if (formatted && !CommitLog.exists(disk, logConfig)) {
                throw new LogCorruptedException(
                        logConfig.directory(), 0, "all segments are missing, although the directory was in use");
            }
            return taken;
        } catch (IOException | RuntimeException e) {
            taken.close();
            throw e;
        }
    }

    private boolean readFormat() throws IOException {
        Path file = directory.resolve(FORMAT_FILE);
        if (!disk.exists(file)) {
            return false;
        }
        try (DiskFile open = disk.open(file)) {
            ByteBuffer bytes = open.read(0, MAX_CONTENT);
            Matcher matcher =
                    CONTENT.matcher(StandardCharsets.US_ASCII.decode(bytes).toString());
            if (!matcher.matches()) {
                // Every segment carries its format's version as well, so nothing is lost with this file.
                log.warn("Unreadable format file, it is written again: file={}", file);
                return false;
            }
            int format = Integer.parseInt(matcher.group(1));
            if (format > FORMAT) {
                throw new FormatTooNewException("data directory " + directory, "format " + format);
            }
            if (format < FORMAT) {
                throw new FormatTooOldException("data directory " + directory, "format " + format);
            }
            return true;
        }
    }

    /** Marks the directory as one whose log exists. */
    void markFormat() throws IOException {
        if (readFormat()) {
            return;
        }
        writeFormat(disk, directory);
    }

    private static void writeFormat(Disk disk, Path directory) throws IOException {
        Path temporary = directory.resolve(FORMAT_FILE + ".new");
        disk.delete(temporary);
        try (DiskFile file = disk.create(temporary)) {
            file.write(0, ByteBuffer.wrap(("tally-broker-store " + FORMAT + "\n").getBytes(StandardCharsets.US_ASCII)));
            file.force(true);
        }
        disk.rename(temporary, directory.resolve(FORMAT_FILE));
        disk.forceDirectory(directory);
    }

    /** Writes a copy of the log. */
    interface LogCopy {
        long to(Path target) throws IOException;
    }

    /**
     * Copies the directory. The format file comes first: a start finds it without a log, and refuses, until the copy of
     * the log is complete.
     */
    long backup(Path target, LogCopy log) throws IOException {
        if (disk.exists(target)) {
            throw new IOException("Cannot write a backup to " + target + ": it exists; nothing was written");
        }
        disk.createDirectories(target.resolve(LOG));
        writeFormat(disk, target);
        long bytes = log.to(target.resolve(LOG));
        disk.forceDirectory(target);
        StoreDirectory.log.info("Wrote a backup: directory={} to={} bytes={}", directory, target, bytes);
        return bytes;
    }

    /** Whether the format file is there and can be read. */
    boolean formatIsReadable() throws IOException {
        return readFormat();
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            log.warn("Cannot give back the lock of directory={}; it ends with the process", directory, e);
        }
    }
}
