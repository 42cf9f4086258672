package dev.tally.broker.snapshot;

import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of a directory, {@code <log position>.snapshot}. One is written under a temporary name and gets its own
 * when it is whole and on the disk, so whatever moment a crash takes, what has such a name was complete. The newest two
 * are kept.
 *
 * <p><b>Thread-safety.</b> {@link #begin} to {@link #complete} or {@link #abandon} by one thread at a time; the rest by
 * any.
 *
 * @since 0.1
 */
public final class SnapshotFiles {

    /** How many are kept. */
    public static final int KEPT = 2;

    private static final Logger log = LoggerFactory.getLogger(SnapshotFiles.class);
    private static final String SUFFIX = ".snapshot";
    private static final String WRITING = ".writing";
    private static final Pattern NAME = Pattern.compile("\\d{20}\\" + SUFFIX);

    private final Disk disk;
    private final Path directory;

    /** The snapshots of a directory, which must exist. */
    public SnapshotFiles(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /**
     * A snapshot that is being written.
     *
     * @param output takes its values
     * @since 0.1
     */
    public record Pending(Path temporary, Path path, DiskFile file, SnapshotOutput output) {}

    /** The snapshots that are there, the newest first. */
    public List<Path> newestFirst() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String name : disk.list(directory)) {
            if (NAME.matcher(name).matches()) {
                found.add(directory.resolve(name));
            }
        }
        Collections.reverse(found);
        return found;
    }

    /**
     * Reads a snapshot whose bytes are whole.
     *
     * @throws SnapshotUnusableException where they are not
     */
    public SnapshotInput read(Path snapshot) throws IOException {
        try (DiskFile file = disk.open(snapshot)) {
            long size = file.size();
            if (size > Integer.MAX_VALUE) {
                throw new SnapshotUnusableException("the file has " + size + " bytes, more than one may have");
            }
            return SnapshotInput.verified(file.read(0, (int) size));
        } catch (InternalError e) {
            // The virtual machine's way to say that the disk failed under a mapping.
            throw new IOException("Cannot read " + snapshot, e);
        }
    }

    /** Begins the snapshot of a log position. */
    public Pending begin(long position) throws IOException {
        Path path = directory.resolve(String.format(Locale.ROOT, "%020d%s", position, SUFFIX));
        Path temporary = path.resolveSibling(path.getFileName() + WRITING);
        disk.delete(temporary);
        DiskFile file = disk.create(temporary);
        return new Pending(temporary, path, file, new SnapshotOutput(file));
    }

    /** Makes a snapshot durable and visible, then deletes all but the newest two. */
    public void complete(Pending pending) throws IOException {
        try (DiskFile file = pending.file()) {
            file.force(true);
        }
        disk.rename(pending.temporary(), pending.path());
        disk.forceDirectory(directory);
        List<Path> all = newestFirst();
        for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            disk.delete(old);
        }
    }

    /** Gives up a snapshot: half of one must not keep the space of a full disk. */
    public void abandon(Pending pending) {
        try {
            pending.file().close();
            disk.delete(pending.temporary());
        } catch (IOException e) {
            log.warn("Cannot delete an unfinished snapshot; the next start does: file={}", pending.temporary(), e);
        }
    }

    /** Deletes snapshots that cannot be used, durably. */
    public void discard(List<Path> snapshots) throws IOException {
        for (Path snapshot : snapshots) {
            disk.delete(snapshot);
        }
        if (!snapshots.isEmpty()) {
            disk.forceDirectory(directory);
        }
    }

    /** Deletes what a crash left unfinished. */
    public void deleteUnfinished() throws IOException {
        for (String name : disk.list(directory)) {
            if (name.endsWith(WRITING)) {
                disk.delete(directory.resolve(name));
            }
        }
    }
}
