package dev.tally.transport.kafka;

import dev.tally.message.Message;
import dev.tally.testkit.TransportContract;
import dev.tally.transport.Transport;
import dev.tally.transport.kafka.server.KafkaServer;

/** Kafka keeps the contract of transports. */
class KafkaTransportTest extends TransportContract {

    @Override
    protected String broker() {
        return KafkaServer.product();
    }

    @Override
    protected Transport openTransport(String service) {
        return new KafkaTransport(KafkaSuite.settings().build());
    }

    @Override
    protected void createTopic(String topic, int queues) {
        KafkaSuite.server().createTopic(topic, queues);
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return topic + "-" + group + "-dlt";
    }

    @Override
    protected Message neverTaken(String topic) {
        return KafkaSuite.tooLarge(topic);
    }
}
