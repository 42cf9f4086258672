package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.FreePorts;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.exception.MQClientException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract at Tally's own broker. */
class TallyBrokerTransportTest extends RocketMqTransportContract {

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

    @Test
    void aSubscriptionMadeWhileTheBrokerIsDownBeginsWhenItIsBack(@TempDir Path later) throws Exception {
        int port = FreePorts.next();
        RocketMqSettings settings = RocketMqSettings.builder("127.0.0.1:" + port, "early", "early-1")
                .build();
        try (RocketMqTransport transport = new RocketMqTransport(settings)) {
            List<MessageId> received = new CopyOnWriteArrayList<>();
            ActiveSubscription subscription =
                    transport.subscribe(new Subscription("late", "late", "*", 1, true, 3), batch -> {
                        batch.forEach(each -> received.add(each.message().id()));
                        return batch.stream()
                                .<DeliveryOutcome>map(each -> new DeliveryOutcome.Delivered())
                                .toList();
                    });
            assertThat(received).isEmpty();
            MessageId id = new MessageId("m-1");
            Message message = new Message(id, Destination.topic("late"), "k", "text", Headers.empty(), new byte[] {1});
            try (Broker down =
                    Broker.start(BrokerConfig.builder(later).port(port).build())) {
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> transport.send(List.of(message)).get(0).get() instanceof SendOutcome.Sent);
                await().atMost(Duration.ofSeconds(90)).until(() -> received.contains(id));
                subscription.close();
            }
        }
    }

    @Override
    protected String broker() {
        return "Tally's broker";
    }

    @Override
    String nameServer() {
        return broker.address();
    }

    @Override
    protected void createTopic(String topic, int queues) {
        broker.createTopic(topic, queues);
    }
}
