package dev.tally.broker.queue;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.env.Disk;
import dev.tally.broker.snapshot.SnapshotInput;
import dev.tally.broker.snapshot.SnapshotOutput;
import dev.tally.broker.snapshot.SnapshotUnusableException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queues of all topics, and the files that hold their indexes.
 *
 * <p><b>Thread-safety.</b> Any thread finds queues and reads them; what changes them belongs to the log's writer.
 *
 * @since 0.1
 */
public final class QueueTable implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(QueueTable.class);
    private static final int MAX_OPEN_IN_RECOVERY = 4096;

    private record Key(String topic, int queueId) {}

    private final ConcurrentMap<Key, QueueIndex> queues = new ConcurrentHashMap<>();
    private final IndexFiles files;
    private final Set<QueueIndex> withOpenPages = new LinkedHashSet<>();
    private final Queue<QueueIndex> withTail = new ArrayDeque<>();
    private int openedSinceStored;
    private long memoryBytes;
    private boolean recovering = true;
    private boolean warned;

    /** A table without queues, in recovery. The index's directory must exist. */
    public QueueTable(IndexConfig config, Disk disk, BrokerClock clock, RandomGenerator random) {
        files = new IndexFiles(config, disk, clock, random.nextLong());
    }

    /** The queue, {@code null} where no message was ever stored for it. */
    public @Nullable QueueIndex find(String topic, int queueId) {
        return queues.get(new Key(topic, queueId));
    }

    /** The queue, created empty where there is none. */
    public QueueIndex obtain(String topic, int queueId) {
        Key key = new Key(topic, queueId);
        QueueIndex known = queues.get(key);
        return known != null ? known : queues.computeIfAbsent(key, absent -> new QueueIndex(this, topic, queueId));
    }

    /** Visits all queues, in no particular order. */
    public void forEach(Consumer<QueueIndex> visitor) {
        queues.values().forEach(visitor);
    }

    IndexFiles files() {
        return files;
    }

    int pageEntries() {
        return files.config().pageEntries();
    }

    boolean recovering() {
        return recovering;
    }

    /** Lets new index files be numbered behind all that are there. Called once, before the log is read. */
    public void numberBehindLeftovers() throws IOException {
        files.numberBehindLeftovers();
    }

    /** Deletes the index files that were made since; a start that is refused leaves everything as it was. */
    public void deleteNew() throws IOException {
        files.deleteNew();
    }

    /** Deletes the index files that neither the restored snapshot nor the one before can know. */
    public void deleteLeftovers() throws IOException {
        files.deleteLeftovers();
    }

    /** Ends the recovery: what has no message at an offset now never will. */
    public void recovered() {
        recovering = false;
        storeOpenPages();
    }

    /** Writes a page that gets nothing more; where the disk refuses, it stays in memory and is tried again later. */
    void store(QueueIndex queue, MemoryPage page) {
        if (!withOpenPages.isEmpty() && !recovering && !files.refusing()) {
            storeOpenPages();
        }
        tryToStore(queue, page);
    }

    private boolean tryToStore(QueueIndex queue, MemoryPage page) {
        if (!files.refusing()) {
            try {
                queue.stored(page, files.append(queue.identity(), page.number, page.fields()));
                warned = false;
                return true;
            } catch (IOException e) {
                if (!warned) {
                    log.warn(
                            "Cannot write an index page; it stays in memory and is written with a later one: queue={} page={}",
                            queue,
                            page.number,
                            e);
                }
                warned = true;
            }
        }
        queue.refused(page);
        return false;
    }

    void opened(QueueIndex queue) {
        withOpenPages.add(queue);
        openedSinceStored++;
    }

    /** A recovery that fills pages in no order must not hold all of them in memory. */
    void boundOpenPages() {
        if (recovering && openedSinceStored > MAX_OPEN_IN_RECOVERY) {
            storeOpenPages();
        }
    }

    void memoryGrew(long bytes) {
        memoryBytes += bytes;
    }

    /** What pages in memory take, about; told to the log's writer. */
    public long memoryBytes() {
        return memoryBytes;
    }

    void mayBeSpilled(QueueIndex queue) {
        withTail.add(queue);
    }

    /** Queues that are not written to give way: tens of thousands of them must not fill the heap. */
    void boundMemory() {
        while (memoryBytes > files.config().maxMemoryBytes() && !files.refusing()) {
            QueueIndex queue = withTail.poll();
            if (queue == null) {
                return;
            }
            queue.spill();
        }
    }

    private void storeOpenPages() {
        openedSinceStored = 0;
        for (QueueIndex queue : List.copyOf(withOpenPages)) {
            for (MemoryPage page : queue.openPages()) {
                if (!tryToStore(queue, page)) {
                    return;
                }
            }
            withOpenPages.remove(queue);
        }
    }

    /** Moves the last needed pages out of files that hold little else, so that these can be deleted. */
    public void compact() {
        Set<Long> sparse = files.sparse();
        if (sparse.isEmpty() || files.refusing()) {
            return;
        }
        try {
            for (QueueIndex queue : queues.values()) {
                queue.moveFrom(location -> sparse.contains(files.fileOf(location)));
            }
            log.debug("Moved the last pages out of index files={}", sparse);
        } catch (IOException e) {
            log.warn("Cannot move pages out of index files={}; they stay where they are for now", sparse, e);
        } catch (IndexCorruptedException e) {
            log.error("Cannot move pages out of index files={}; start the broker again", sparse, e);
        }
    }

    /** A snapshot begins; returns its number. */
    public long snapshotBegins() {
        storeOpenPages();
        compact();
        return files.snapshotBegins();
    }

    /** The numbers of the files that a snapshot must {@link #force}; called by the writer when it is complete. */
    public Set<Long> takeDirty() {
        return files.takeDirty();
    }

    /** Forces index files and their names; may be called by any thread. */
    public void force(Set<Long> fileNumbers) throws IOException {
        files.force(fileNumbers);
    }

    /** Deletes the files that no queue needs and no snapshot from that number on can know. */
    public void deleteUnneeded(long oldestKeptSnapshot) {
        files.deleteUnneeded(oldestKeptSnapshot);
    }

    /** How many index files there are. */
    public int fileCount() {
        return files.count();
    }

    /** Writes all queues, and gives each its number in the snapshot. */
    public void writeTo(SnapshotOutput out) throws IOException {
        files.writeTo(out);
        List<QueueIndex> ordered = new ArrayList<>(queues.values());
        // Queues of a topic follow each other, so its name is written once.
        ordered.sort(Comparator.comparing(QueueIndex::topic).thenComparing(QueueIndex::queueId));
        out.putInt(ordered.size());
        for (QueueIndex queue : ordered) {
            out.putName(queue.topic());
            out.putInt(queue.queueId());
            queue.writeTo(out);
        }
    }

    /** Reads what {@link #writeTo} wrote, and verifies every page that it names. */
    public void readFrom(SnapshotInput in) throws IOException {
        files.readFrom(in);
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            QueueIndex queue = obtain(in.getName(), in.getInt());
            queue.readFrom(in);
        }
        verifyPages();
    }

    private record Located(long location, QueueIndex queue, long page) {}

    /** In the order of the files: where they are not cached, the disk is read from front to back. */
    private void verifyPages() throws IOException {
        List<Located> pages = new ArrayList<>();
        queues.values()
                .forEach(queue -> queue.forEachLocation(
                        (owner, page, location) -> pages.add(new Located(location, owner, page))));
        pages.sort(Comparator.comparingLong(Located::location));
        long before = -1;
        for (Located located : pages) {
            if (located.location == before) {
                throw new SnapshotUnusableException("it places two pages at the same place of an index file");
            }
            before = located.location;
            try {
                files.read(located.location, located.queue, located.page);
            } catch (IndexCorruptedException e) {
                throw new SnapshotUnusableException(String.valueOf(e.getMessage()), e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
