package dev.tally.broker.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout of a record, big-endian, aligned to 8 bytes:
 *
 * <pre>
 *  0 u32 length       header and body, without the padding
 *  4 u8  magic        0x7A
 *  5 u8  kind         {@link RecordKind}
 *  6 u8  version      of this layout, 1
 *  7 u8  flags        bit 0: more records of the same atomic group follow
 *  8 u32 epoch        one more after every start
 * 12 u32 CRC32C       of everything else including the padding, the log's id and the record's position
 * 16 u64 sequence     one more with every record
 * 24 u64 timestamp    wall clock, epoch milliseconds
 * 32 u64 forced       the position up to which the log had been forced when this record was written
 * 40     body, padded with zeros
 * </pre>
 *
 * <p>The position in the checksum catches blocks that were misdirected or survived from an earlier use. The field
 * <em>forced</em> is what tells a torn tail from damage: an invalid record below the {@code forced} of any later valid
 * record had been acknowledged.
 */
final class RecordFormat {

    static final int HEADER = 40;
    static final int ALIGNMENT = 8;
    static final byte MAGIC = 0x7A;
    static final byte VERSION = 1;
    static final byte MORE = 1;

    private static final int CRC_AT = 12;

    private final long logId;

    RecordFormat(long logId) {
        this.logId = logId;
    }

    /** The fields of a verified record that only the log reads. */
    record Header(
            int length,
            byte kind,
            byte version,
            byte flags,
            int epoch,
            long sequence,
            long timestampMillis,
            long forced) {

        boolean more() {
            return (flags & MORE) != 0;
        }
    }

    static int padded(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    static void putHeader(ByteBuffer target, Header header) {
        target.putInt(header.length)
                .put(MAGIC)
                .put(header.kind)
                .put(header.version)
                .put(header.flags)
                .putInt(header.epoch)
                .putInt(0)
                .putLong(header.sequence)
                .putLong(header.timestampMillis)
                .putLong(header.forced);
    }

    /** Whether a length can be one of a record that has {@code available} bytes up to its segment's end. */
    static boolean plausible(int length, byte magic, long available) {
        return magic == MAGIC && length >= HEADER && length <= available && padded(length) <= available;
    }

    /** The checksum of a record in one piece, from its start to the end of its padding. */
    int checksum(ByteBuffer record, long position) {
        return checksum(record, record.slice(0, 0), record.slice(0, 0), position);
    }

    /** The checksum of a record in pieces: header with the head of the body, payload, padding. */
    int checksum(ByteBuffer head, ByteBuffer payload, ByteBuffer padding, long position) {
        CRC32C crc = new CRC32C();
        crc.update(head.slice(0, CRC_AT));
        crc.update(head.slice(CRC_AT + Integer.BYTES, head.limit() - CRC_AT - Integer.BYTES));
        crc.update(payload.duplicate());
        crc.update(padding.duplicate());
        crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(logId)
                .putLong(position)
                .flip());
        return (int) crc.getValue();
    }

    static int checksumOf(ByteBuffer record) {
        return record.getInt(CRC_AT);
    }

    static void putChecksum(ByteBuffer record, int crc) {
        record.putInt(CRC_AT, crc);
    }

    /** Whether the bytes, one record with its padding, are what was written at that position. */
    boolean verify(ByteBuffer record, long position) {
        return record.getInt(CRC_AT) == checksum(record, position) && paddingIsZero(record);
    }

    private static boolean paddingIsZero(ByteBuffer record) {
        for (int at = record.getInt(0); at < record.limit(); at++) {
            if (record.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    static Header header(ByteBuffer record) {
        return new Header(
                record.getInt(0),
                record.get(5),
                record.get(6),
                record.get(7),
                record.getInt(8),
                record.getLong(16),
                record.getLong(24),
                record.getLong(32));
    }
}
