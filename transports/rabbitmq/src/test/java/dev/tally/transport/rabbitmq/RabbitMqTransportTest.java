package dev.tally.transport.rabbitmq;

import dev.tally.message.Message;
import dev.tally.testkit.TransportContract;
import dev.tally.transport.Transport;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract at a real server. */
class RabbitMqTransportTest extends TransportContract {

    @TempDir
    static Path directory;

    static @Nullable ContractBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = new ContractBroker(directory);
    }

    @AfterAll
    static void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    @Override
    protected String broker() {
        return broker.version();
    }

    @Override
    protected Transport openTransport(String service) {
        return broker.transport();
    }

    @Override
    protected void createTopic(String topic, int queues) {
        broker.createTopic(topic);
    }

    @Override
    protected void createGroup(String topic, String group, boolean ordered) {
        broker.createGroup(topic, group, ordered);
    }

    @Override
    protected boolean keepsHistory() {
        return false;
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return topic + '.' + group + ".dlq";
    }

    @Override
    protected Message neverTaken(String topic) {
        return ContractBroker.neverTaken(topic);
    }
}
