package dev.tally.transport.kafka;

import dev.tally.message.Message;
import dev.tally.testkit.TransportFaultsContract;
import dev.tally.transport.Transport;
import dev.tally.transport.kafka.server.KafkaServer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Kafka keeps the contract of transports when members come and go, and when it is killed. */
class KafkaTransportFaultsTest extends TransportFaultsContract {

    private static @Nullable KafkaProducer<String, byte[]> foreign;

    @BeforeAll
    static void openForeign() {
        foreign = new KafkaProducer<>(
                Map.of("bootstrap.servers", KafkaSuite.server().address()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void closeForeign() {
        if (foreign != null) {
            foreign.close();
        }
    }

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

    @Override
    protected void sendForeign(String topic, @Nullable String key, Map<String, String> headers, byte[] payload) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, payload);
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try {
            foreign.send(record).get();
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("Cannot send to topic " + topic, e);
        }
    }

    @Override
    protected InstantSource clock() {
        return InstantSource.system();
    }

    @Override
    protected Optional<BrokerProcess> process() {
        return Optional.of(KafkaSuite.server());
    }
}
