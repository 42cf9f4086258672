package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.OpenHalf;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.rocketmq.real.RealRocketMq;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract at a real RocketMQ name server and broker. */
class RealRocketMqTransportTest extends RocketMqTransportContract {

    private static RealRocketMq rocketMq;

    @BeforeAll
    static void startRocketMq() throws Exception {
        rocketMq = RealRocketMq.start();
    }

    @Test
    void learnsHowLongTheBrokerAsksFromItsConfiguration() {
        RocketMqSettings settings = RocketMqSettings.builder(nameServer(), "askers", "askers-1")
                .sendTimeout(Duration.ofSeconds(20))
                .build();
        try (RocketMqTransport transport = new RocketMqTransport(settings)) {
            assertThat(transport.ofOldestQuestion()).isEqualTo(RealRocketMq.FILE_RESERVED_TIME);
        }
    }

    @Override
    protected String broker() {
        return "RocketMQ 5.5.0";
    }

    @Override
    String nameServer() {
        return rocketMq.nameServerAddress();
    }

    @Override
    protected void createTopic(String topic, int queues) {
        rocketMq.createTopic(topic, queues);
    }

    @Test
    void tellsWhatItHasParkedAndIsAskedAboutItAgainWhenAPersonDecidesIt() throws Exception {
        String topic = "parked-" + UUID.randomUUID().toString().substring(0, 8);
        createTopic(topic, 1);
        Map<String, CheckBackAnswer> answers = new ConcurrentHashMap<>();
        List<String> visible = new CopyOnWriteArrayList<>();
        RocketMqSettings settings = RocketMqSettings.builder(nameServer(), topic + "-senders", topic + "-1")
                .build();
        try (RocketMqTransport transport = new RocketMqTransport(settings)) {
            transport.onCheckBack((transaction, message) -> answers.getOrDefault(transaction, CheckBackAnswer.UNKNOWN));
            transport.subscribe(new Subscription(topic, topic + "-watchers", "*", 1, true, 3), batch -> {
                batch.forEach(each -> visible.add(each.message().id().value()));
                return batch.stream()
                        .<DeliveryOutcome>map(each -> new DeliveryOutcome.Delivered())
                        .toList();
            });
            prepare(transport, topic, "kept", "tx-kept");
            prepare(transport, topic, "dropped", "tx-dropped");
            assertThat(transport.undecided(10).complete())
                    .as("it keeps no list of what is undecided")
                    .isFalse();

            await().atMost(Duration.ofSeconds(150)).until(() -> transport.parked() == 2);

            assertThat(transport.undecided(10).halves())
                    .extracting(half -> half.messageId().value(), OpenHalf::transactionId, OpenHalf::topic)
                    .containsExactlyInAnyOrder(tuple("kept", "tx-kept", topic), tuple("dropped", "tx-dropped", topic));
            assertThat(transport.undecided(10).halves()).allSatisfy(half -> {
                assertThat(half.parked()).isTrue();
                assertThat(half.checks()).isPositive();
                assertThat(half.key()).isEqualTo("k");
            });

            answers.put("tx-kept", CheckBackAnswer.COMMIT);
            answers.put("tx-dropped", CheckBackAnswer.ROLLBACK);
            assertThat(transport.commit(halvesOf(transport, "tx-kept")).get(60, TimeUnit.SECONDS))
                    .as("the check-back decides")
                    .isFalse();
            assertThat(transport.rollback(halvesOf(transport, "tx-dropped")).get(60, TimeUnit.SECONDS))
                    .isFalse();

            await().atMost(Duration.ofSeconds(90)).until(() -> visible.contains("kept"));
            assertThat(visible).doesNotContain("dropped");
        }
    }

    private static List<PreparedHalf> halvesOf(RocketMqTransport transport, String transactionId) {
        List<OpenHalf> found = transport.undecidedOf(transactionId);
        assertThat(found).hasSize(1);
        return found.stream().map(OpenHalf::half).toList();
    }

    private static void prepare(RocketMqTransport transport, String topic, String id, String transactionId)
            throws Exception {
        Message message =
                new Message(new MessageId(id), Destination.topic(topic), "k", "text", Headers.empty(), new byte[] {1});
        transport.prepare(transactionId, List.of(message)).get(60, TimeUnit.SECONDS);
    }
}
