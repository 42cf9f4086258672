package dev.tally.broker.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The layout of a page, big-endian:
 *
 * <pre>
 *  0 u32 magic        "TIDX"
 *  4 u32 CRC32C       of everything else and of the index's id
 *  8 u64 queue        a hash of topic and queue number
 * 16 u64 page         its number in the queue: offset / entries of a page
 * 24 u32 entries      of a page
 * 28     zeros
 * 32     the entries: u64 position | u64 visible by | u64 tags hash | u64 payload bytes; zeros where nothing is
 * </pre>
 *
 * <p>The id is drawn for every new index, so that a page of another directory or of an earlier life is never taken for
 * one of this index.
 */
final class PageFormat {

    static final int HEADER = 32;
    static final int FIELDS = 4;
    static final int ENTRY = FIELDS * Long.BYTES;

    private static final int MAGIC = 0x54494458;
    private static final int CRC_AT = 4;
    private static final long FNV_PRIME = 0x100000001B3L;
    private static final long FNV_START = 0xCBF29CE484222325L;

    private PageFormat() {}

    static int bytes(int entries) {
        return HEADER + entries * ENTRY;
    }

    static long identityOf(String topic, int queueId) {
        long hash = FNV_START;
        for (byte b : topic.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b) * FNV_PRIME;
        }
        return (hash ^ queueId) * FNV_PRIME;
    }

    /** Encodes a page; {@code entries} may be shorter than a page. */
    static void encode(ByteBuffer target, long indexId, long queue, long page, int pageEntries, long[] entries) {
        target.clear();
        target.putInt(MAGIC)
                .putInt(0)
                .putLong(queue)
                .putLong(page)
                .putInt(pageEntries)
                .putInt(0);
        target.asLongBuffer().put(entries);
        int used = HEADER + entries.length * Long.BYTES;
        for (int at = used; at < bytes(pageEntries); at += Long.BYTES) {
            target.putLong(at, 0);
        }
        target.limit(bytes(pageEntries)).position(0);
        target.putInt(CRC_AT, checksum(target, indexId));
    }

    /** Whether the bytes are that page, as it was written. */
    static boolean verify(ByteBuffer bytes, long indexId, long queue, long page, int pageEntries) {
        return bytes.limit() == bytes(pageEntries)
                && bytes.getInt(0) == MAGIC
                && bytes.getLong(8) == queue
                && bytes.getLong(16) == page
                && bytes.getInt(24) == pageEntries
                && bytes.getInt(CRC_AT) == checksum(bytes, indexId);
    }

    private static int checksum(ByteBuffer page, long indexId) {
        CRC32C crc = new CRC32C();
        crc.update(page.slice(0, CRC_AT));
        crc.update(page.slice(CRC_AT + Integer.BYTES, page.limit() - CRC_AT - Integer.BYTES));
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(indexId).flip());
        return (int) crc.getValue();
    }
}
