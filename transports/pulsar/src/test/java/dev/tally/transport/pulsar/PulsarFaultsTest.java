package dev.tally.transport.pulsar;

import dev.tally.message.Message;
import dev.tally.testkit.TransportFaultsContract;
import dev.tally.transport.Transport;
import dev.tally.transport.pulsar.server.PulsarServer;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.Schema;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.junit.jupiter.api.AfterAll;

/** The contract of faults at a real Pulsar. */
class PulsarFaultsTest extends TransportFaultsContract {

    @AfterAll
    static void closeClients() {
        SharedPulsar.closeClients();
    }

    @Override
    protected String broker() {
        return "Pulsar " + PulsarServer.VERSION;
    }

    @Override
    protected Transport openTransport(String service) {
        return SharedPulsar.transport();
    }

    @Override
    protected void createTopic(String topic, int queues) {
        SharedPulsar.server().createTopic(topic, queues);
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return topic + "-" + group + "-DLQ";
    }

    @Override
    protected Message neverTaken(String topic) {
        return SharedPulsar.tooLarge(topic);
    }

    @Override
    protected void sendForeign(String topic, String key, Map<String, String> headers, byte[] payload) {
        try (Producer<byte[]> producer =
                SharedPulsar.client().newProducer(Schema.BYTES).topic(topic).create()) {
            TypedMessageBuilder<byte[]> message =
                    producer.newMessage().properties(headers).value(payload);
            if (key != null) {
                message.key(key);
            }
            message.send();
        } catch (PulsarClientException e) {
            throw new IllegalStateException("Cannot send to " + topic, e);
        }
    }

    @Override
    protected InstantSource clock() {
        return InstantSource.system();
    }

    @Override
    protected Optional<BrokerProcess> process() {
        return Optional.of(new BrokerProcess() {
            @Override
            public void kill() {
                SharedPulsar.server().kill();
            }

            @Override
            public void start() {
                SharedPulsar.server().startAgain();
            }
        });
    }
}
