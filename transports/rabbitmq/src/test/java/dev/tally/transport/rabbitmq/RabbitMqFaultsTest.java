package dev.tally.transport.rabbitmq;

import dev.tally.message.Message;
import dev.tally.testkit.TransportFaultsContract;
import dev.tally.transport.Transport;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract at a real server. */
class RabbitMqFaultsTest extends TransportFaultsContract {

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

    @Override
    protected void sendForeign(String topic, @Nullable String key, Map<String, String> headers, byte[] payload) {
        broker.sendForeign(topic, key, headers, payload);
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
                broker.server().kill();
            }

            @Override
            public void start() {
                broker.server().startAgain();
            }
        });
    }
}
