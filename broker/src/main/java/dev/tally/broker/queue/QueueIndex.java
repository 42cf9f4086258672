package dev.tally.broker.queue;

import dev.tally.broker.snapshot.SnapshotInput;
import dev.tally.broker.snapshot.SnapshotOutput;
import dev.tally.broker.snapshot.SnapshotUnusableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The visible messages of one queue in the order of their offsets, in pages: full ones are in a file, the last one is in
 * memory while the queue is in use. What is kept for each page is 8 bytes.
 *
 * <p><b>Thread-safety.</b> The log's writer changes it; any thread reads.
 *
 * @since 0.1
 */
public final class QueueIndex {

    /** No two records of a queue that follow each other in a log are further apart, whatever was given up in between. */
    private static final long WIDEST_GAP = 1L << 26;

    /** More messages in one queue than a log can hold. */
    private static final long WIDEST_SPAN = 1L << 31;

    private static final long NOWHERE = -1;
    private static final long[] NOTHING = {};

    private final QueueTable table;
    private final String topic;
    private final int queueId;
    private final int pageEntries;

    private volatile long first;
    private volatile long next;
    private long planned;

    private long basePage;
    private long[] locations = NOTHING;
    private int located;
    private @Nullable MemoryPage tail;
    private boolean recentlyUsed;
    private boolean listedForSpill;

    /** Pages in memory before the tail: with holes that recovery may still fill, or refused by the disk. */
    private @Nullable TreeMap<Long, MemoryPage> open;

    QueueIndex(QueueTable table, String topic, int queueId) {
        this.table = table;
        this.topic = topic;
        this.queueId = queueId;
        this.pageEntries = table.pageEntries();
    }

    /** The queue's topic. */
    public String topic() {
        return topic;
    }

    /** The queue's number in its topic. */
    public int queueId() {
        return queueId;
    }

    /** The offset of the first message that is still there. */
    public long first() {
        return first;
    }

    /** The offset that the next message will get. */
    public long next() {
        return next;
    }

    long identity() {
        return PageFormat.identityOf(topic, queueId);
    }

    /** Assigns the next offset to a record that is about to be written. Called by the log's writer. */
    public long planNext() {
        return planned++;
    }

    /** The offset that {@link #planNext} assigns next. Called by the log's writer. */
    public long planned() {
        return planned;
    }

    /** Gives back the offset that was assigned last: its record is not written. Called by the log's writer. */
    public void unplan() {
        planned--;
    }

    /**
     * Makes a message visible. While the broker runs its offset is {@link #next}; during recovery it may be any, and may
     * be told twice.
     *
     * @param visibleBy the position of the record that made it visible: its own, its decision's or its timer's
     * @throws IllegalStateException where another message has that offset
     */
    public synchronized void put(long offset, MessageRef message, long visibleBy) {
        if (offset < 0 || (offset != next && !table.recovering())) {
            throw new IllegalStateException(this + " goes on at offset " + next + ", not at " + offset);
        }
        if (next > 0 && Math.abs(offset - next) > WIDEST_GAP) {
            throw new IllegalStateException("Offset " + offset + " of " + this + " cannot be: others are near " + next);
        }
        planned = Math.max(planned, offset + 1);
        if (offset < first) {
            // Told again by a record that outlived the queue's bounds.
            return;
        }
        int slot = (int) (offset % pageEntries);
        MemoryPage page = memoryPage(offset / pageEntries);
        long there = page.position(slot);
        if (there != 0 && there != message.position()) {
            throw new IllegalStateException("Offset " + offset + " of " + this + " belongs to the message at position "
                    + there + ", not to the one at " + message.position());
        }
        int bytesBefore = page.bytes();
        page.set(slot, pageEntries, message, visibleBy);
        table.memoryGrew(page.bytes() - bytesBefore);
        recentlyUsed = true;
        next = Math.max(next, offset + 1);
        if (page.filled() == pageEntries || (slot == pageEntries - 1 && !table.recovering())) {
            table.store(this, page);
        }
        table.boundOpenPages();
        table.boundMemory();
    }

    private MemoryPage memoryPage(long number) {
        MemoryPage known = inMemory(number);
        if (known != null) {
            return known;
        }
        long location = locationOf(number);
        MemoryPage page;
        if (location == NOWHERE) {
            page = new MemoryPage(number, pageEntries);
        } else {
            page = new MemoryPage(number, fieldsOf(table.files().read(location, this, number)));
            table.files().release(location);
            locate(number, NOWHERE);
        }
        MemoryPage last = tail;
        if (last != null && number < last.number) {
            keepOpen(page);
        } else {
            if (last != null) {
                keepOpen(last);
            }
            tail = page;
            listForSpill();
        }
        table.memoryGrew(page.bytes());
        return page;
    }

    private void listForSpill() {
        if (!listedForSpill) {
            listedForSpill = true;
            table.mayBeSpilled(this);
        }
    }

    /** Puts the last page into a file before it is full, unless something was put into it since this was asked last. */
    synchronized void spill() {
        listedForSpill = false;
        MemoryPage last = tail;
        if (last == null) {
            return;
        }
        if (recentlyUsed) {
            recentlyUsed = false;
            listForSpill();
        } else {
            table.store(this, last);
        }
    }

    private static LongBuffer fieldsOf(ByteBuffer page) {
        return page.slice(PageFormat.HEADER, page.limit() - PageFormat.HEADER).asLongBuffer();
    }

    private @Nullable MemoryPage inMemory(long number) {
        MemoryPage last = tail;
        if (last != null && last.number == number) {
            return last;
        }
        return open == null ? null : open.get(number);
    }

    private void keepOpen(MemoryPage page) {
        TreeMap<Long, MemoryPage> pages = open;
        if (pages == null) {
            pages = new TreeMap<>();
            open = pages;
        }
        pages.put(page.number, page);
        table.opened(this);
    }

    private long locationOf(long number) {
        long at = number - basePage;
        return at >= 0 && at < located ? locations[(int) at] : NOWHERE;
    }

    private void locate(long number, long location) {
        if (located == 0) {
            basePage = number;
        } else if (number < basePage) {
            int shift = Math.toIntExact(basePage - number);
            long[] shifted = new long[located + shift];
            Arrays.fill(shifted, 0, shift, NOWHERE);
            System.arraycopy(locations, 0, shifted, shift, located);
            locations = shifted;
            located = shifted.length;
            basePage = number;
        }
        int at = Math.toIntExact(number - basePage);
        if (at >= locations.length) {
            locations = Arrays.copyOf(locations, Math.max(at + 1, locations.length + (locations.length >> 1) + 1));
        }
        if (at >= located) {
            Arrays.fill(locations, located, at, NOWHERE);
            located = at + 1;
        }
        locations[at] = location;
    }

    /** A page of this queue is in a file now. */
    synchronized void stored(MemoryPage page, long location) {
        locate(page.number, location);
        table.memoryGrew(-page.bytes());
        if (tail == page) {
            tail = null;
        } else if (open != null) {
            open.remove(page.number);
            open = open.isEmpty() ? null : open;
        }
    }

    /** A page of this queue gets nothing more, but the disk did not take it. */
    synchronized void refused(MemoryPage page) {
        if (tail == page) {
            tail = null;
            keepOpen(page);
        }
    }

    /** The pages in memory that are not the last one. */
    synchronized List<MemoryPage> openPages() {
        return open == null ? List.of() : List.copyOf(open.values());
    }

    /** What is left of the queue begins at an offset: pages before it are no longer needed. Called by the log's writer. */
    public synchronized void advanceFirst(long offset) {
        long wanted = Math.min(offset, next);
        if (wanted <= first) {
            return;
        }
        first = wanted;
        long firstPage = wanted / pageEntries;
        int dead = (int) Math.max(0, Math.min(firstPage - basePage, located));
        for (int i = 0; i < dead; i++) {
            if (locations[i] != NOWHERE) {
                table.files().release(locations[i]);
            }
        }
        if (dead > 0) {
            locations = Arrays.copyOfRange(locations, dead, located);
            located -= dead;
            basePage += dead;
        }
        if (open != null) {
            open.headMap(firstPage).values().forEach(page -> table.memoryGrew(-page.bytes()));
            open.headMap(firstPage).clear();
            open = open.isEmpty() ? null : open;
        }
        MemoryPage last = tail;
        if (last != null && last.number < firstPage) {
            table.memoryGrew(-last.bytes());
            tail = null;
        }
    }

    /** Sets the bounds that a record gives, during recovery; neither goes back. */
    public synchronized void bounds(long newFirst, long newNext) {
        if (newFirst < 0 || newFirst > newNext || newNext - newFirst > WIDEST_SPAN) {
            throw new IllegalStateException(this + " cannot hold the offsets " + newFirst + " to " + newNext);
        }
        next = Math.max(next, newNext);
        planned = Math.max(planned, newNext);
        advanceFirst(newFirst);
    }

    /** Moves the pages that lie in some files to another place. */
    synchronized void moveFrom(LongPredicate inFile) throws IOException {
        IndexFiles files = table.files();
        for (int i = 0; i < located; i++) {
            long location = locations[i];
            if (location != NOWHERE && inFile.test(location)) {
                long page = basePage + i;
                LongBuffer fields = fieldsOf(files.read(location, this, page));
                long[] entries = new long[fields.remaining()];
                fields.get(entries);
                locations[i] = files.append(identity(), page, entries);
                files.release(location);
            }
        }
    }

    /**
     * The piece of the queue that holds an offset, verified once; {@code null} where the offset is not between
     * {@link #first} and {@link #next}. Reading on at {@link QueuePage#end} visits the queue piece by piece.
     *
     * @throws IndexCorruptedException where the page is damaged
     */
    public @Nullable QueuePage page(long offset) {
        long number = offset / pageEntries;
        long base = number * pageEntries;
        long failedAt = NOWHERE;
        while (true) {
            long from;
            long end;
            long location;
            synchronized (this) {
                if (offset < first || offset >= next) {
                    return null;
                }
                from = Math.max(base, first);
                end = Math.min(base + pageEntries, next);
                MemoryPage page = inMemory(number);
                location = locationOf(number);
                if (page != null || location == NOWHERE) {
                    return QueuePage.of(page == null ? NOTHING : page.fields(), base, from, end);
                }
            }
            try {
                // Not under the lock: the disk may be slow, and the log's writer must not wait for a reader.
                return QueuePage.of(table.files().read(location, this, number), base, from, end);
            } catch (IndexCorruptedException e) {
                if (location == failedAt) {
                    throw e;
                }
                // The page may have been moved meanwhile, and its file deleted.
                failedAt = location;
            }
        }
    }

    /** The offset of the message whose payload stands at a position, {@code -1} where it is not visible. */
    public long offsetOf(long position) {
        // A message never becomes visible before its record; most do with it or soon after.
        long offset = search((candidate, visibleBy) -> visibleBy < position);
        for (QueuePage page = page(offset); page != null; page = page(offset)) {
            for (; offset < page.end(); offset++) {
                if (page.position(offset) == position) {
                    return offset;
                }
            }
        }
        return -1;
    }

    /**
     * A condition on a visible message.
     *
     * @since 0.1
     */
    @FunctionalInterface
    public interface Condition {

        /** Whether it holds for the message of a position that became visible by the record at another. */
        boolean holds(long position, long visibleBy);
    }

    /**
     * The first offset whose message does not meet a condition that holds for a first part of the queue and not for the
     * rest, as one on {@link QueuePage#visibleBy} does; {@link #next} where it holds for all.
     */
    public long search(Condition condition) {
        long low = first;
        long high = next;
        while (low < high) {
            long middle = (low + high) >>> 1;
            long visibleBy = 0;
            long position = 0;
            long probe = middle;
            while (probe < high && visibleBy == 0) {
                QueuePage page = page(probe);
                if (page == null) {
                    // Retention passed by: what was here is gone.
                    probe = Math.max(probe + 1, first);
                    continue;
                }
                for (; probe < Math.min(high, page.end()) && visibleBy == 0; probe++) {
                    visibleBy = page.isEmpty(probe) ? 0 : page.visibleBy(probe);
                    position = page.position(probe);
                }
            }
            if (visibleBy != 0 && condition.holds(position, visibleBy)) {
                low = probe;
            } else {
                high = middle;
            }
        }
        return low;
    }

    synchronized void writeTo(SnapshotOutput out) throws IOException {
        out.putLong(first);
        out.putLong(next);
        out.putLong(basePage);
        out.putInt(located);
        for (int i = 0; i < located; i++) {
            out.putLong(locations[i]);
        }
        MemoryPage last = tail;
        out.putInt((open == null ? 0 : open.size()) + (last == null ? 0 : 1));
        if (open != null) {
            for (MemoryPage page : open.values()) {
                writeTo(out, page);
            }
        }
        if (last != null) {
            writeTo(out, last);
        }
    }

    private static void writeTo(SnapshotOutput out, MemoryPage page) throws IOException {
        out.putLong(page.number);
        out.putInt(page.fields().length);
        for (long field : page.fields()) {
            out.putLong(field);
        }
    }

    synchronized void readFrom(SnapshotInput in) throws IOException {
        first = in.getLong();
        next = in.getLong();
        planned = next;
        basePage = in.getLong();
        located = in.getInt();
        locations = located == 0 ? NOTHING : new long[located];
        for (int i = 0; i < located; i++) {
            locations[i] = in.getLong();
            if (locations[i] != NOWHERE && !table.files().adopt(locations[i])) {
                throw new SnapshotUnusableException("it places a page of " + this + " where none can be");
            }
        }
        int pages = in.getInt();
        for (int i = 0; i < pages; i++) {
            long number = in.getLong();
            long[] fields = new long[in.getInt()];
            for (int at = 0; at < fields.length; at++) {
                fields[at] = in.getLong();
            }
            MemoryPage page = new MemoryPage(number, LongBuffer.wrap(fields));
            table.memoryGrew(page.bytes());
            if (i == pages - 1) {
                tail = page;
                listForSpill();
            } else {
                keepOpen(page);
            }
        }
    }

    /** Tells where every page of the queue lies. */
    void forEachLocation(LocationVisitor visitor) {
        for (int i = 0; i < located; i++) {
            if (locations[i] != NOWHERE) {
                visitor.visit(this, basePage + i, locations[i]);
            }
        }
    }

    /** Is told where a page lies. */
    interface LocationVisitor {
        void visit(QueueIndex queue, long page, long location);
    }

    @Override
    public String toString() {
        return "queue " + queueId + " of topic " + topic;
    }
}
