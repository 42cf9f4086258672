package dev.tally.broker.queue;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
import dev.tally.broker.snapshot.SnapshotInput;
import dev.tally.broker.snapshot.SnapshotOutput;
import dev.tally.broker.snapshot.SnapshotUnusableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that hold the full pages of all queues, in the order in which they became full. A page's location is its
 * file's number times the pages of a file, plus its slot.
 *
 * <p>A slot is never written twice and a number is never used twice, so whatever a crash leaves behind, a page that a
 * snapshot knows is as it was. A file without needed pages is deleted when no kept snapshot can know it.
 *
 * <p><b>Thread-safety.</b> Any thread reads; the rest belongs to the log's writer.
 */
final class IndexFiles {

    private static final Logger log = LoggerFactory.getLogger(IndexFiles.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int SPARSE = 4;

    private final IndexConfig config;
    private final Disk disk;
    private final BrokerClock clock;
    private final ByteBuffer encoded;
    private final Map<Long, IndexFile> files = new ConcurrentHashMap<>();
    private final Set<Long> dirty = ConcurrentHashMap.newKeySet();

    private final List<Path> leftovers = new ArrayList<>();

    private long indexId;
    private long nextNumber = 1;
    private long firstNewNumber = Long.MAX_VALUE;
    private @Nullable IndexFile active;
    private boolean failing;
    private long failedAtNanos;
    private long snapshotsBegun;

    IndexFiles(IndexConfig config, Disk disk, BrokerClock clock, long indexId) {
        this.config = config;
        this.disk = disk;
        this.clock = clock;
        this.indexId = indexId;
        this.encoded = ByteBuffer.allocateDirect(config.pageBytes());
    }

    IndexConfig config() {
        return config;
    }

    /** Whether the last page was refused by the disk, and it is too early to try again. */
    boolean refusing() {
        return failing && clock.nanoTime() - failedAtNanos < RETRY_NANOS;
    }

    /** Writes a page and returns its location. */
    long append(long queue, long page, long[] entries) throws IOException {
        try {
            IndexFile target = active;
            if (target == null || target.used == config.filePages()) {
                target = create();
            }
            PageFormat.encode(encoded, indexId, queue, page, config.pageEntries(), entries);
            target.file.write((long) target.used * config.pageBytes(), encoded);
            failing = false;
            target.live++;
            dirty.add(target.number);
            return target.number * config.filePages() + target.used++;
        } catch (IOException e) {
            failing = true;
            failedAtNanos = clock.nanoTime();
            throw e;
        }
    }

    private IndexFile create() throws IOException {
        long usable = disk.usableSpace(config.directory());
        if (usable - config.fileBytes() < config.diskReserveBytes()) {
            throw new IOException("The disk has " + usable + " usable bytes; an index file of " + config.fileBytes()
                    + " bytes would leave less than the reserve of " + config.diskReserveBytes());
        }
        IndexFile created = IndexFile.create(disk, config.directory(), nextNumber, config.fileBytes());
        nextNumber++;
        IndexFile full = active;
        active = created;
        files.put(created.number, created);
        if (full != null && full.live == 0) {
            full.deadSince = snapshotsBegun;
        }
        return created;
    }

    /** The verified bytes of a page. */
    ByteBuffer read(long location, QueueIndex queue, long page) {
        IndexFile file = files.get(location / config.filePages());
        long slot = location % config.filePages();
        if (file == null) {
            Path path = config.directory().resolve(IndexFile.nameOf(location / config.filePages()));
            throw new IndexCorruptedException(path, slot, queue.toString(), page, "the file is gone");
        }
        String found = "its bytes are not what was written";
        try {
            ByteBuffer bytes = file.file.read(slot * config.pageBytes(), config.pageBytes());
            if (PageFormat.verify(bytes, indexId, queue.identity(), page, config.pageEntries())) {
                return bytes;
            }
        } catch (IOException | InternalError e) {
            // InternalError is the virtual machine's way to say that the disk failed under a mapping.
            found = e.toString();
        }
        throw new IndexCorruptedException(file.path, slot, queue.toString(), page, found);
    }

    /** A page is no longer needed. */
    void release(long location) {
        IndexFile file = files.get(location / config.filePages());
        if (file != null && --file.live == 0 && file != active) {
            file.deadSince = snapshotsBegun;
        }
    }

    /** The numbers of files of which less than a quarter is needed. */
    Set<Long> sparse() {
        Set<Long> sparse = new HashSet<>();
        for (IndexFile file : files.values()) {
            if (file != active && file.live > 0 && file.live * SPARSE < config.filePages()) {
                sparse.add(file.number);
            }
        }
        return sparse;
    }

    long fileOf(long location) {
        return location / config.filePages();
    }

    /** How many files there are, also those that only a snapshot needs. */
    int count() {
        return files.size();
    }

    /** A snapshot begins; returns its number, one more than the last one's. */
    long snapshotBegins() {
        return ++snapshotsBegun;
    }

    /** The files that were written since this was asked last. */
    Set<Long> takeDirty() {
        Set<Long> taken = new HashSet<>(dirty);
        dirty.removeAll(taken);
        return taken;
    }

    /** Forces files and their names. Called by any thread; where it fails the files stay to be forced. */
    void force(Set<Long> numbers) throws IOException {
        boolean forced = false;
        try {
            for (long number : numbers) {
                if (!files.containsKey(number)) {
                    // Nothing needed it any more, so it was deleted.
                    continue;
                }
                // A handle of its own: the writer may be writing through the other one.
                try (var file = disk.open(config.directory().resolve(IndexFile.nameOf(number)))) {
                    file.force(true);
                }
            }
            if (!numbers.isEmpty()) {
                disk.forceDirectory(config.directory());
            }
            forced = true;
        } finally {
            if (!forced) {
                dirty.addAll(numbers);
            }
        }
    }

    /** Deletes what neither a queue nor a snapshot from the given number on needs. */
    void deleteUnneeded(long oldestKeptSnapshot) {
        for (IndexFile file : List.copyOf(files.values())) {
            if (file.live > 0 || file == active || file.deadSince >= oldestKeptSnapshot) {
                continue;
            }
            try {
                files.remove(file.number);
                dirty.remove(file.number);
                file.close();
                disk.delete(file.path);
            } catch (IOException e) {
                log.warn("Cannot delete an index file that nothing needs; the next start does: file={}", file.path, e);
            }
        }
    }

    void writeTo(SnapshotOutput out) throws IOException {
        out.putLong(indexId);
        out.putInt(config.pageEntries());
        out.putInt(config.filePages());
        out.putLong(nextNumber);
        List<IndexFile> needed =
                files.values().stream().filter(file -> file.live > 0).toList();
        out.putInt(needed.size());
        for (IndexFile file : needed) {
            out.putLong(file.number);
            out.putInt(file.used);
        }
    }

    /** Opens the files that a snapshot knows. */
    void readFrom(SnapshotInput in) throws IOException {
        indexId = in.getLong();
        int pageEntries = in.getInt();
        int filePages = in.getInt();
        if (pageEntries != config.pageEntries() || filePages != config.filePages()) {
            throw new SnapshotUnusableException("its index has " + pageEntries + " entries a page and " + filePages
                    + " pages a file instead of " + config.pageEntries() + " and " + config.filePages());
        }
        nextNumber = in.getLong();
        int count = in.getInt();
        Set<String> present = new HashSet<>(disk.list(config.directory()));
        for (int i = 0; i < count; i++) {
            long number = in.getLong();
            if (!present.contains(IndexFile.nameOf(number))) {
                throw new SnapshotUnusableException(
                        "index file " + config.directory().resolve(IndexFile.nameOf(number)) + " is missing");
            }
            IndexFile file = IndexFile.open(disk, config.directory(), number);
            files.put(number, file);
            file.used = in.getInt();
            if (file.file.size() != config.fileBytes()) {
                throw new SnapshotUnusableException("index file " + file.path + " has " + file.file.size()
                        + " bytes instead of " + config.fileBytes());
            }
        }
    }

    /** Counts a page of a snapshot as needed; false where the location cannot be. */
    boolean adopt(long location) {
        IndexFile file = files.get(location / config.filePages());
        if (file == null || location % config.filePages() >= file.used) {
            return false;
        }
        file.live++;
        return true;
    }

    /** Finds what a crash left behind: its numbers are not used again. */
    void numberBehindLeftovers() throws IOException {
        long firstUnknown = nextNumber;
        for (String name : disk.list(config.directory())) {
            long number = IndexFile.numberOf(name);
            if (number < 0 || files.containsKey(number)) {
                continue;
            }
            if (number >= firstUnknown || firstUnknown == 1) {
                leftovers.add(config.directory().resolve(name));
                nextNumber = Math.max(nextNumber, number + 1);
            } else {
                // No queue needs it any more, but the snapshot before may.
                files.put(number, IndexFile.open(disk, config.directory(), number));
            }
        }
        firstNewNumber = nextNumber;
    }

    /** Undoes what a start did that is refused. */
    void deleteNew() throws IOException {
        for (IndexFile file : List.copyOf(files.values())) {
            if (file.number >= firstNewNumber) {
                files.remove(file.number);
                file.close();
                disk.delete(file.path);
            }
        }
    }

    void deleteLeftovers() throws IOException {
        for (Path leftover : leftovers) {
            disk.delete(leftover);
        }
        leftovers.clear();
    }

    void close() throws IOException {
        for (IndexFile file : new ArrayList<>(files.values())) {
            file.close();
        }
    }
}
