package dev.tally.broker.env;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The file system as the store uses it. A name (created, renamed, deleted) survives a power cut only after
 * {@link #forceDirectory}; a file's bytes only after {@link DiskFile#force}.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public interface Disk {

    /** Creates a directory and its missing parents, durably; nothing happens where it exists. */
    void createDirectories(Path directory) throws IOException;

    /** The names of the files of a directory, sorted. */
    List<String> list(Path directory) throws IOException;

    /** Whether a file of that name exists. */
    boolean exists(Path file) throws IOException;

    /** Creates a file to be written; it must not exist. It is read only after it was opened again. */
    DiskFile create(Path file) throws IOException;

    /** Opens an existing file to be read and written. Its size must not change while it is open. */
    DiskFile open(Path file) throws IOException;

    /** Renames a file atomically, replacing the target. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file; nothing happens where there is none. */
    void delete(Path file) throws IOException;

    /** Makes the names of a directory durable. */
    void forceDirectory(Path directory) throws IOException;

    /**
     * Takes a directory for this process alone, until the lock is closed or the process ends.
     *
     * @throws DirectoryLockedException at once, where somebody has it
     */
    DirectoryLock lock(Path directory) throws IOException;

    /** Bytes that may still be written where the directory lies. */
    long usableSpace(Path directory) throws IOException;
}
