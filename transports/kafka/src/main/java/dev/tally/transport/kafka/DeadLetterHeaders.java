package dev.tally.transport.kafka;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * What a dead letter says of where it comes from, and why it is one: by the names and in the form that spring-kafka has for
 * it, so that its users' tools read them.
 */
final class DeadLetterHeaders {

    static final String PREFIX = "kafka_dlt-";
    static final String ORIGINAL_TOPIC = PREFIX + "original-topic";
    static final String ORIGINAL_PARTITION = PREFIX + "original-partition";
    static final String ORIGINAL_OFFSET = PREFIX + "original-offset";
    static final String ORIGINAL_TIMESTAMP = PREFIX + "original-timestamp";
    static final String ORIGINAL_TIMESTAMP_TYPE = PREFIX + "original-timestamp-type";
    static final String ORIGINAL_GROUP = PREFIX + "original-consumer-group";
    static final String REASON = PREFIX + "exception-message";

    /** A reason may be a whole stack of causes, and the record must not grow beyond what brokers take. */
    private static final int MAX_REASON = 1_000;

    private DeadLetterHeaders() {}

    /** Those of the record, except what made it a dead letter before, and what makes it one now. */
    static List<Header> of(ConsumerRecord<byte[], byte[]> record, String group, String reason) {
        List<Header> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            if (!header.key().startsWith(PREFIX)) {
                headers.add(header);
            }
        }
        add(headers, ORIGINAL_TOPIC, Utf8.bytes(record.topic()));
        add(headers, ORIGINAL_PARTITION, number(record.partition()));
        add(headers, ORIGINAL_OFFSET, number(record.offset()));
        add(headers, ORIGINAL_TIMESTAMP, number(record.timestamp()));
        add(headers, ORIGINAL_TIMESTAMP_TYPE, Utf8.bytes(record.timestampType().toString()));
        add(headers, ORIGINAL_GROUP, Utf8.bytes(group));
        add(headers, REASON, Utf8.bytes(reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason));
        return headers;
    }

    private static void add(List<Header> headers, String name, byte[] value) {
        headers.add(new RecordHeader(name, value));
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
}
