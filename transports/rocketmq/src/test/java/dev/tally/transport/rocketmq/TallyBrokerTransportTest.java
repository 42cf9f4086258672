package dev.tally.transport.rocketmq;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract at Tally's own broker. */
class TallyBrokerTransportTest extends RocketMqTransportContract {

    @TempDir
    static Path directory;

    private static Broker broker;
    private static DefaultMQProducer admin;

    @BeforeAll
    static void startBroker() throws MQClientException {
        broker = Broker.start(BrokerConfig.builder(directory)
                .delayLevels(Collections.nCopies(18, Duration.ofSeconds(1)))
                .checkImmunity(Duration.ofSeconds(1))
                .checkInterval(Duration.ofMillis(500))
                .build());
        admin = new DefaultMQProducer("admin");
        admin.setNamesrvAddr(broker.address());
        admin.start();
    }

    @AfterAll
    static void stopBroker() {
        admin.shutdown();
        broker.close();
    }

    @Override
    String nameServer() {
        return broker.address();
    }

    @Override
    @SuppressWarnings("deprecation") // The admin tools that replace it bring the whole server side.
    void createTopic(String topic, int queues) {
        try {
            admin.createTopic("TBW102", topic, queues, Map.of());
        } catch (MQClientException e) {
            throw new IllegalStateException("Cannot create topic " + topic, e);
        }
    }
}
