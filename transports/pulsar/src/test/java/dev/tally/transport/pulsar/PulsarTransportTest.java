package dev.tally.transport.pulsar;

import dev.tally.message.Message;
import dev.tally.testkit.TransportContract;
import dev.tally.transport.Transport;
import dev.tally.transport.pulsar.server.PulsarServer;
import org.junit.jupiter.api.AfterAll;

/** The contract at a real Pulsar. */
class PulsarTransportTest extends TransportContract {

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
}
