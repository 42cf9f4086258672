package dev.tally.broker.log;

import java.nio.ByteBuffer;

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

    static final int MAGIC_AT = 4;
    static final int KIND_AT = 5;
    static final int VERSION_AT = 6;
    static final int FLAGS_AT = 7;
    static final int EPOCH_AT = 8;
    static final int CRC_AT = 12;
    static final int SEQUENCE_AT = 16;
    static final int TIMESTAMP_AT = 24;
    static final int FORCED_AT = 32;

    private RecordFormat() {}

    static int padded(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Writes a header with an empty checksum at the target's position. */
    static void putHeader(
            ByteBuffer target,
            int length,
            RecordKind kind,
            byte flags,
            int epoch,
            long sequence,
            long timestampMillis,
            long forced) {
        target.putInt(length)
                .put(MAGIC)
                .put(kind.code())
                .put(VERSION)
                .put(flags)
                .putInt(epoch)
                .putInt(0)
                .putLong(sequence)
                .putLong(timestampMillis)
                .putLong(forced);
    }

    /** Whether a length can be one of a record that has {@code available} bytes up to its segment's end. */
    static boolean plausible(int length, byte magic, long available) {
        return magic == MAGIC && length >= HEADER && length <= available && padded(length) <= available;
    }

    /**
     * The length with padding of the record at an index, {@code 0} where the bytes are not what was written there.
     *
     * @param cursor another view of {@code bytes}, whose position and limit are changed
     * @param available the bytes up to the segment's end
     */
    static int validLength(
            ByteBuffer bytes, ByteBuffer cursor, int at, long available, Checksum checksum, long position) {
        int length = bytes.getInt(at);
        if (!plausible(length, bytes.get(at + MAGIC_AT), available)) {
            return 0;
        }
        int padded = padded(length);
        boolean intact = bytes.getInt(at + CRC_AT) == checksum.of(cursor, at, padded, position)
                && isZero(bytes, at + length, at + padded);
        return intact ? padded : 0;
    }

    private static boolean isZero(ByteBuffer bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes.get(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
