package dev.tally.boot.guard;

import dev.tally.consume.guard.MessageIdSource;
import dev.tally.consume.guard.MessageIdentity;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.MessageHeaders;

/**
 * The headers of Spring's messages, as the listener containers of Kafka, RabbitMQ, JMS and RocketMQ fill them. Their own
 * {@code id} is another one at each delivery.
 *
 * @since 0.1
 */
public final class SpringHeadersIds implements MessageIdSource<MessageHeaders> {

    private static final String REMEDY =
            "with Kafka and JMS there is always one; with AMQP let its sender set the property"
                    + " message-id, a MessageConverter with createMessageIds does; Spring's own id is another one at each delivery";

    /** Creates the source. */
    public SpringHeadersIds() {}

    @Override
    public Class<MessageHeaders> type() {
        return MessageHeaders.class;
    }

    @Override
    public @Nullable MessageIdentity identityOf(MessageHeaders headers) {
        return of(headers);
    }

    static @Nullable MessageIdentity of(MessageHeaders headers) {
        String id = idOf(headers);
        return id == null ? null : new MessageIdentity(id, topicOf(headers));
    }

    private static @Nullable String idOf(MessageHeaders headers) {
        if (headers.get("kafka_offset") instanceof Collection) {
            return null; // Of a batch, which is another one at the next delivery.
        }
        for (String name : new String[] {TallyHeader.NAME, TallyHeader.JAVA_NAME}) {
            String given = TallyHeader.text(headers.get(name));
            if (given != null) {
                return given;
            }
        }
        if (headers.containsKey("kafka_offset")) {
            return KafkaRecordIds.place(
                    Objects.toString(headers.get("kafka_receivedTopic")),
                    Objects.toString(headers.get("kafka_receivedPartitionId")),
                    Objects.toString(headers.get("kafka_offset")),
                    Objects.toString(headers.get("kafka_receivedTimestamp")));
        }
        for (String name : new String[] {"amqp_messageId", "jms_messageId", "rocketmq_MESSAGE_ID"}) {
            String given = TallyHeader.text(headers.get(name));
            if (given != null) {
                return given;
            }
        }
        return null;
    }

    private static @Nullable String topicOf(MessageHeaders headers) {
        for (String name : new String[] {"kafka_receivedTopic", "amqp_consumerQueue", "rocketmq_TOPIC"}) {
            String given = TallyHeader.text(headers.get(name));
            if (given != null) {
                return given;
            }
        }
        return null;
    }

    @Override
    public String remedy() {
        return REMEDY;
    }

    static String remedyOfAll() {
        return REMEDY;
    }
}
