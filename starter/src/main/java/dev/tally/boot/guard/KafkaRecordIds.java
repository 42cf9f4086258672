package dev.tally.boot.guard;

import dev.tally.consume.guard.MessageIdSource;
import dev.tally.consume.guard.MessageIdentity;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Kafka's records: the id that Tally gave them, else their place in the log, which is the same at each delivery. A record
 * that a producer sent twice has two places. The time is part of it, so that a topic that is made anew begins anew.
 *
 * @since 0.1
 */
@SuppressWarnings("rawtypes")
public final class KafkaRecordIds implements MessageIdSource<ConsumerRecord> {

    /** Creates the source. */
    public KafkaRecordIds() {}

    @Override
    public Class<ConsumerRecord> type() {
        return ConsumerRecord.class;
    }

    @Override
    public MessageIdentity identityOf(ConsumerRecord message) {
        ConsumerRecord<?, ?> record = message;
        Header header = record.headers().lastHeader(TallyHeader.NAME);
        String given = header == null ? null : TallyHeader.text(header.value());
        return new MessageIdentity(
                given == null ? place(record.topic(), record.partition(), record.offset(), record.timestamp()) : given,
                record.topic());
    }

    static String place(Object topic, Object partition, Object offset, Object timestamp) {
        return topic + "-" + partition + "-" + offset + "@" + timestamp;
    }

    @Override
    public String remedy() {
        return "there is always one";
    }
}
