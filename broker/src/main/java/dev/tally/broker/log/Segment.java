package dev.tally.broker.log;

import dev.tally.broker.env.Disk;
import dev.tally.broker.env.DiskFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A segment file: a header of 64 bytes, then records, then zeros up to its fixed size. Its name is the log position of
 * its first byte, so the next segment's name is known from this one's size. Big-endian:
 *
 * <pre>
 *  0 u64 magic      "TALLYLOG"
 *  8 u32 version    of the log's format, 2
 * 12 u32 header     64
 * 16 u64 log id     random, the same in all segments of a log
 * 24 u64 base       the log position of the file's first byte
 * 32 u64 capacity   the file's size
 * 40     zeros
 * 60 u32 CRC32C     of the 60 bytes before
 * </pre>
 */
final class Segment implements Closeable {

    static final int HEADER = 64;
    static final int VERSION = 2;
    static final String SUFFIX = ".log";
    static final String PREPARING = ".preparing";

    private static final long MAGIC = 0x54414C4C594C4F47L;
    private static final int CRC_AT = 60;
    private static final int CHUNK = 256 * 1024;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(CHUNK).asReadOnlyBuffer();

    final Path path;
    final DiskFile file;
    final long base;
    final long capacity;
    final long logId;

    private Segment(Path path, DiskFile file, long base, long capacity, long logId) {
        this.path = path;
        this.file = file;
        this.base = base;
        this.capacity = capacity;
        this.logId = logId;
    }

    static String nameOf(long base) {
        return String.format(Locale.ROOT, "%020d%s", base, SUFFIX);
    }

    /** The position behind the last byte. */
    long end() {
        return base + capacity;
    }

    /** The position up to which records may go: behind them there is always room for the seal. */
    long recordsEnd() {
        return end() - RecordFormat.HEADER;
    }

    /** The position of the first record. */
    long recordsStart() {
        return base + HEADER;
    }

    /** The offset in the file of a log position. */
    long offsetOf(long position) {
        return position - base;
    }

    /**
     * Makes a segment under a temporary name, filled with zeros and forced, and only then gives it its name: whatever
     * moment a crash takes, a file with a segment's name is a whole segment.
     */
    static Segment prepare(Disk disk, Path directory, long base, long capacity, long logId) throws IOException {
        return prepare(disk, directory, base, capacity, logId, null);
    }

    /** The same with the records of another file, as far as they fit. */
    static Segment prepare(Disk disk, Path directory, long base, long capacity, long logId, @Nullable DiskFile records)
            throws IOException {
        Path path = directory.resolve(nameOf(base));
        Path temporary = directory.resolve(nameOf(base) + PREPARING);
        disk.delete(temporary);
        try {
            fill(disk, temporary, base, capacity, logId, records);
        } catch (IOException e) {
            // Half a segment must not keep the space of a full disk.
            try {
                disk.delete(temporary);
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
        disk.rename(temporary, path);
        disk.forceDirectory(directory);
        return new Segment(path, disk.open(path), base, capacity, logId);
    }

    private static void fill(
            Disk disk, Path temporary, long base, long capacity, long logId, @Nullable DiskFile records)
            throws IOException {
        try (DiskFile file = disk.create(temporary)) {
            writeZeros(file, 0, capacity);
            if (records != null) {
                long size = Math.min(records.size(), capacity);
                for (long at = HEADER; at < size; at += CHUNK) {
                    file.write(at, records.read(at, (int) Math.min(CHUNK, size - at)));
                }
            }
            file.write(0, header(base, capacity, logId));
            file.force(true);
        }
    }

    /** Fills a part of a file with zeros. */
    static void writeZeros(DiskFile file, long from, long to) throws IOException {
        for (long at = from; at < to; at += CHUNK) {
            file.write(at, ZEROS.slice(0, (int) Math.min(CHUNK, to - at)));
        }
    }

    /** Writes the header again. */
    void restoreHeader() throws IOException {
        file.write(0, header(base, capacity, logId));
        file.force(false);
    }

    /** A segment whose header is not looked at. */
    static Segment unchecked(Path path, DiskFile file, long base, long capacity, long logId) {
        return new Segment(path, file, base, capacity, logId);
    }

    private static ByteBuffer header(long base, long capacity, long logId) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.putLong(MAGIC)
                .putInt(VERSION)
                .putInt(HEADER)
                .putLong(logId)
                .putLong(base)
                .putLong(capacity);
        header.putInt(CRC_AT, checksum(header));
        return header.clear();
    }

    private static int checksum(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, CRC_AT));
        return (int) crc.getValue();
    }

    /** What an undamaged header says. */
    record Header(long logId, long base, long capacity) {}

    /** The header in these bytes, {@code null} where they are damaged. */
    static @Nullable Header readHeader(ByteBuffer header) {
        boolean intact = header.limit() >= HEADER
                && header.getLong(0) == MAGIC
                && header.getInt(8) == VERSION
                && header.getInt(CRC_AT) == checksum(header)
                && header.getLong(32) >= LogConfig.MIN_SEGMENT_BYTES
                && header.getLong(32) <= LogConfig.MAX_SEGMENT_BYTES;
        return intact ? new Header(header.getLong(16), header.getLong(24), header.getLong(32)) : null;
    }

    /** Opens a segment and verifies its header against its name and size. */
    static Segment open(Disk disk, Path path, long base) throws IOException {
        DiskFile file = disk.open(path);
        try {
            long size = file.size();
            ByteBuffer bytes = file.read(0, HEADER);
            if (bytes.limit() < HEADER) {
                throw new LogCorruptedException(path, 0, "the file has only " + size + " bytes, less than its header");
            }
            if (bytes.getLong(0) == MAGIC && bytes.getInt(8) > VERSION && bytes.getInt(CRC_AT) == checksum(bytes)) {
                throw new FormatTooNewException("log file " + path, "format version " + bytes.getInt(8));
            }
            if (bytes.getLong(0) == MAGIC && bytes.getInt(8) < VERSION && bytes.getInt(CRC_AT) == checksum(bytes)) {
                throw new FormatTooOldException("log file " + path, "format version " + bytes.getInt(8));
            }
            Header header = readHeader(bytes);
            if (header == null) {
                throw new LogCorruptedException(path, 0, "the segment header is damaged");
            }
            if (header.base != base) {
                throw new LogCorruptedException(
                        path, 24, "the header belongs to the segment at position " + header.base);
            }
            if (header.capacity != size) {
                throw new LogCorruptedException(
                        path,
                        Math.min(size, header.capacity),
                        "the file has " + size + " bytes instead of " + header.capacity);
            }
            return new Segment(path, file, base, size, header.logId);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The bytes of the verified record at a position, with its padding; {@code null} where no record is valid there. */
    @Nullable ByteBuffer verified(long position) throws IOException {
        long available = end() - position;
        if (position < recordsStart() || position % RecordFormat.ALIGNMENT != 0 || available < RecordFormat.HEADER) {
            return null;
        }
        try {
            ByteBuffer header = file.read(offsetOf(position), RecordFormat.HEADER);
            int length = header.getInt(0);
            if (!RecordFormat.plausible(length, header.get(RecordFormat.MAGIC_AT), available)) {
                return null;
            }
            ByteBuffer record = file.read(offsetOf(position), RecordFormat.padded(length));
            int valid = RecordFormat.validLength(record, record, 0, available, new Checksum(logId), position);
            return valid == 0 ? null : record.clear();
        } catch (InternalError e) {
            throw unreadable(position, e);
        }
    }

    /** The virtual machine's way to say that the disk failed under a mapping, said in a better way. */
    IOException unreadable(long position, InternalError e) {
        return new IOException("Cannot read " + path + " at offset " + offsetOf(position), e);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
