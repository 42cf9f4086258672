package dev.tally.transport.kafka;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * How large a record is for the producer, which compares it, uncompressed and in a batch of its own, with {@code
 * max.request.size}. Lengths are numbers of 7 bits a byte, with the sign as the lowest bit.
 */
final class RecordSize {

    /** Base offset, length, epoch, magic, checksum and the like. */
    private static final int BATCH_HEADER = 61;

    /** Length, attributes, and differences of time and offset to the batch, at their longest. */
    private static final int RECORD_HEADER = 21;

    private RecordSize() {}

    static long of(ProducerRecord<byte[], byte[]> record) {
        long size = BATCH_HEADER + RECORD_HEADER + field(record.key()) + field(record.value());
        int headers = 0;
        for (Header header : record.headers()) {
            size += field(Utf8.bytes(header.key())) + field(header.value());
            headers++;
        }
        return size + number(headers);
    }

    private static long field(byte @Nullable [] bytes) {
        return bytes == null ? 1 : number(bytes.length) + (long) bytes.length;
    }

    private static int number(int value) {
        int rest = value << 1;
        int bytes = 1;
        while ((rest & ~0x7f) != 0) {
            rest >>>= 7;
            bytes++;
        }
        return bytes;
    }
}
