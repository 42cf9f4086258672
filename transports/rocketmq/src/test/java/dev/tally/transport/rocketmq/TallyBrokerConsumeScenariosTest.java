package dev.tally.transport.rocketmq;

import java.nio.file.Path;
import org.apache.rocketmq.client.exception.MQClientException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** From Tally's own broker. */
class TallyBrokerConsumeScenariosTest extends ConsumeScenarios {

    @TempDir
    static Path directory;

    private static TallyBroker broker;

    @BeforeAll
    static void startBroker() throws MQClientException {
        broker = TallyBroker.start(directory);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Override
    String nameServer() {
        return broker.address();
    }

    @Override
    void createTopic(String topic, int queues) {
        broker.createTopic(topic, queues);
    }
}
