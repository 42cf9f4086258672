package dev.tally.transport.rocketmq;

import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** Tally's own broker in this process, quick to deliver again and to ask. */
final class TallyBroker implements AutoCloseable {

    private final Broker broker;
    private final DefaultMQProducer admin;

    private TallyBroker(Broker broker, DefaultMQProducer admin) {
        this.broker = broker;
        this.admin = admin;
    }

    static TallyBroker start(Path directory) throws MQClientException {
        Broker broker = Broker.start(BrokerConfig.builder(directory)
                .delayLevels(Collections.nCopies(18, Duration.ofSeconds(1)))
                .checkImmunity(Duration.ofSeconds(1))
                .checkInterval(Duration.ofMillis(500))
                .build());
        DefaultMQProducer admin = new DefaultMQProducer("admin");
        admin.setNamesrvAddr(broker.address());
        admin.start();
        return new TallyBroker(broker, admin);
    }

    String address() {
        return broker.address();
    }

    @SuppressWarnings("deprecation") // The admin tools that replace it bring the whole server side.
    void createTopic(String topic, int queues) {
        // Its time-out is fixed and short; creating a topic twice is as good as once.
        await().atMost(Duration.ofSeconds(90))
                .ignoreExceptionsInstanceOf(MQClientException.class)
                .untilAsserted(() -> admin.createTopic("TBW102", topic, queues, Map.of()));
    }

    @Override
    public void close() {
        admin.shutdown();
        broker.close();
    }
}
