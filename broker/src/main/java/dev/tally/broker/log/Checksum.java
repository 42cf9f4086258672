package dev.tally.broker.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Computes the checksum of records, again and again without garbage: CRC32C over the record without its checksum field,
 * then the log's id and the record's position. Not thread-safe.
 */
final class Checksum {

    private final CRC32C crc = new CRC32C();
    private final ByteBuffer where = ByteBuffer.allocate(2 * Long.BYTES);

    Checksum(long logId) {
        where.putLong(0, logId);
    }

    /**
     * The checksum of a record in one piece with its padding.
     *
     * @param bytes its position and limit are changed
     * @param at where in {@code bytes} the record starts
     * @param length the record's length with its padding
     */
    int of(ByteBuffer bytes, int at, int length, long position) {
        begin(bytes, at, length);
        return end(position);
    }

    /**
     * The checksum of a record in pieces.
     *
     * @param head its position and limit are changed
     * @param at where in {@code head} the record starts
     * @param headLength how much of the record stands in {@code head}
     */
    int of(ByteBuffer head, int at, int headLength, ByteBuffer payload, ByteBuffer padding, long position) {
        begin(head, at, headLength);
        crc.update(payload.duplicate());
        crc.update(padding.duplicate());
        return end(position);
    }

    private void begin(ByteBuffer bytes, int at, int length) {
        crc.reset();
        crc.update(bytes.limit(at + RecordFormat.CRC_AT).position(at));
        crc.update(bytes.limit(at + length).position(at + RecordFormat.CRC_AT + Integer.BYTES));
    }

    private int end(long position) {
        crc.update(where.putLong(Long.BYTES, position).rewind());
        return (int) crc.getValue();
    }
}
