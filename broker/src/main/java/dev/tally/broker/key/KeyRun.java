package dev.tally.broker.key;

import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of keys, sorted by hash; written once. Its name says which part of the log it covers:
 * {@code <from>-<to>-<number>.keys}, and {@code to} is the first position behind. Big-endian:
 *
 * <pre>
 *  0 u32 magic "TKEY"       4 u32 CRC32C of the rest of the head
 *  8 u64 from              16 u64 to               24 u64 number
 * 32 i64 oldest message    40 i64 newest message, epoch milliseconds
 * 48 u32 entries           52 u32 pages            56 zeros
 * 64 for each page: i64 its first hash | u64 its CRC32C
 *  . the pages: 256 entries each, i64 hash | u64 log position; the last one is filled with zeros
 * </pre>
 */
final class KeyRun implements Closeable {

    static final String SUFFIX = ".keys";

    private static final Pattern NAME = Pattern.compile("(\\d{20})-(\\d{20})-(\\d{12})\\" + SUFFIX);
    private static final int MAGIC = 0x544B4559;
    private static final int CRC_AT = 4;
    private static final int HEAD = 64;
    private static final int FENCE = 2 * Long.BYTES;
    private static final int ENTRY = 2 * Long.BYTES;
    private static final int PAGE_ENTRIES = 256;
    private static final int PAGE = PAGE_ENTRIES * ENTRY;
    private static final int CHUNK = 64 * 1024;

    private final Disk disk;
    private final Path path;
    private final long from;
    private final long to;
    private final long number;
    private @Nullable Head head;
    private @Nullable DiskFile file;
    private boolean closed;

    private KeyRun(Disk disk, Path path, long from, long to, long number) {
        this.disk = disk;
        this.path = path;
        this.from = from;
        this.to = to;
        this.number = number;
    }

    /** What is kept in memory of a run that was used. */
    private record Head(DiskFile file, int entries, long oldest, long newest, LongBuffer fences) {

        int pages() {
            return fences.limit() / 2;
        }

        long firstHash(int page) {
            return fences.get(2 * page);
        }

        int checksum(int page) {
            return (int) fences.get(2 * page + 1);
        }
    }

    /** The run of a file's name, {@code null} where it is none. */
    static @Nullable KeyRun of(Disk disk, Path directory, String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return null;
        }
        return new KeyRun(
                disk,
                directory.resolve(name),
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3)));
    }

    /** Writes a run; it is not forced. Where that fails nothing is left of it. */
    static KeyRun write(Disk disk, Path directory, long number, Content content) throws IOException {
        String name = String.format(Locale.ROOT, "%020d-%020d-%012d%s", content.from, content.to, number, SUFFIX);
        Path path = directory.resolve(name);
        ByteBuffer bytes = encode(number, content);
        try (DiskFile created = disk.create(path)) {
            for (int at = 0; at < bytes.capacity(); at += CHUNK) {
                created.write(at, bytes.slice(at, Math.min(CHUNK, bytes.capacity() - at)));
            }
        } catch (IOException e) {
            try {
                disk.delete(path);
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
        return new KeyRun(disk, path, content.from, content.to, number);
    }

    /**
     * What a run holds.
     *
     * @param sorted hash and position of each entry, sorted by hash
     */
    record Content(long from, long to, long oldest, long newest, LongBuffer sorted) {}

    static long bytes(int entries) {
        int pages = pages(entries);
        return HEAD + (long) pages * (FENCE + PAGE);
    }

    private static int pages(int entries) {
        return (entries + PAGE_ENTRIES - 1) / PAGE_ENTRIES;
    }

    private static ByteBuffer encode(long number, Content content) {
        int entries = content.sorted.limit() / 2;
        int pages = pages(entries);
        int pagesAt = HEAD + pages * FENCE;
        ByteBuffer bytes = ByteBuffer.allocate((int) bytes(entries));
        bytes.position(pagesAt);
        bytes.asLongBuffer().put(content.sorted.duplicate());
        bytes.position(0);
        bytes.putInt(MAGIC).putInt(0).putLong(content.from).putLong(content.to).putLong(number);
        bytes.putLong(content.oldest).putLong(content.newest).putInt(entries).putInt(pages);
        for (int page = 0; page < pages; page++) {
            bytes.putLong(HEAD + page * FENCE, content.sorted.get(page * PAGE_ENTRIES * 2));
            bytes.putLong(HEAD + page * FENCE + Long.BYTES, checksum(bytes.slice(pagesAt + page * PAGE, PAGE)));
        }
        bytes.putInt(CRC_AT, headChecksum(bytes, pagesAt));
        return bytes.clear();
    }

    private static int headChecksum(ByteBuffer bytes, int end) {
        return checksum(bytes.slice(CRC_AT + Integer.BYTES, end - CRC_AT - Integer.BYTES));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    Path path() {
        return path;
    }

    long from() {
        return from;
    }

    long to() {
        return to;
    }

    long number() {
        return number;
    }

    /** How many entries it has. */
    int entries() {
        return head().entries;
    }

    /**
     * Tells the positions of a hash, newest first; false where the visitor had enough.
     *
     * @throws KeyIndexCorruptedException where the file is damaged
     */
    boolean find(long hash, long fromMillis, long toMillis, LongPredicate visitor) {
        Head known = head();
        if (known.newest < fromMillis || known.oldest > toMillis) {
            return true;
        }
        for (int page = lastPage(known, hash); page >= 0; page--) {
            LongBuffer entries = page(known, page);
            for (int i = entries.limit() / 2 - 1; i >= 0; i--) {
                if (entries.get(2 * i) == hash && !visitor.test(entries.get(2 * i + 1))) {
                    return false;
                }
            }
            if (known.firstHash(page) < hash) {
                return true;
            }
        }
        return true;
    }

    /** The last page that can hold a hash, {@code -1} where none can. */
    private static int lastPage(Head known, long hash) {
        int low = 0;
        int high = known.pages();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (known.firstHash(middle) <= hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** The content, verified. */
    Content content() {
        Head known = head();
        long[] sorted = new long[known.entries * 2];
        for (int page = 0; page < known.pages(); page++) {
            LongBuffer entries = page(known, page);
            entries.get(sorted, page * PAGE_ENTRIES * 2, entries.limit());
        }
        return new Content(from, to, known.oldest, known.newest, LongBuffer.wrap(sorted));
    }

    private LongBuffer page(Head known, int page) {
        ByteBuffer bytes;
        try {
            bytes = known.file.read(HEAD + (long) known.pages() * FENCE + (long) page * PAGE, PAGE);
        } catch (IOException | InternalError e) {
            // InternalError is the virtual machine's way to say that the disk failed under a mapping.
            throw new KeyIndexCorruptedException(path, e.toString());
        }
        if (bytes.remaining() != PAGE || checksum(bytes.duplicate()) != known.checksum(page)) {
            throw new KeyIndexCorruptedException(path, "page " + page + " is not what was written");
        }
        int here = Math.min(PAGE_ENTRIES, known.entries - page * PAGE_ENTRIES);
        return bytes.slice(0, here * ENTRY).asLongBuffer();
    }

    private synchronized Head head() {
        Head known = head;
        if (known != null) {
            return known;
        }
        if (closed) {
            throw new KeyIndexCorruptedException(path, "it is closed");
        }
        try {
            DiskFile opened = disk.open(path);
            file = opened;
            known = readHead(opened);
        } catch (IOException | InternalError e) {
            throw new KeyIndexCorruptedException(path, e.toString());
        }
        head = known;
        return known;
    }

    private Head readHead(DiskFile opened) throws IOException {
        ByteBuffer fixed = opened.read(0, HEAD);
        int entries = fixed.remaining() < HEAD ? -1 : fixed.getInt(48);
        int pages = entries < 0 ? -1 : fixed.getInt(52);
        if (entries < 0 || pages != pages(entries) || opened.size() != bytes(entries)) {
            throw new KeyIndexCorruptedException(path, "its size is not what was written");
        }
        ByteBuffer whole = opened.read(0, HEAD + pages * FENCE);
        boolean sound = whole.getInt(0) == MAGIC
                && whole.getLong(8) == from
                && whole.getLong(16) == to
                && whole.getLong(24) == number
                && whole.getInt(CRC_AT) == headChecksum(whole, HEAD + pages * FENCE);
        if (!sound) {
            throw new KeyIndexCorruptedException(path, "its head is not what was written");
        }
        LongBuffer fences = LongBuffer.allocate(2 * pages);
        fences.put(whole.slice(HEAD, pages * FENCE).asLongBuffer());
        return new Head(opened, entries, whole.getLong(32), whole.getLong(40), fences.flip());
    }

    /** Forces its bytes. */
    void force() throws IOException {
        // A handle of its own: readers may be looking through the other one.
        try (DiskFile forced = disk.open(path)) {
            forced.force(true);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        DiskFile opened = file;
        file = null;
        head = null;
        if (opened != null) {
            opened.close();
        }
    }
}
