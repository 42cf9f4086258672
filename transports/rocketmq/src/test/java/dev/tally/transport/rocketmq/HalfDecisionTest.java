package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decisions while the broker goes and comes; it asks about nothing within the time of a test. */
class HalfDecisionTest {

    private static final int SECONDS = 90;

    @TempDir
    private Path directory;

    private Broker broker;
    private RocketMqTransport transport;

    private void startBroker(int port) {
        broker = Broker.start(BrokerConfig.builder(directory)
                .port(port)
                .checkImmunity(Duration.ofHours(1))
                .build());
    }

    private List<PreparedHalf> prepared() throws Exception {
        startBroker(0);
        transport = new RocketMqTransport(RocketMqSettings.builder(broker.address(), "deciders", "decider-1")
                .build());
        transport.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);
        Message message = new Message(
                new MessageId("m-1"), Destination.topic("decided"), null, "text", Headers.empty(), new byte[] {1});
        return transport.prepare("t-1", List.of(message)).get(SECONDS, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() {
        transport.close();
        broker.close();
    }

    @Test
    void aDecisionIsConfirmedWhenTheBrokerHasIt() throws Exception {
        List<PreparedHalf> halves = prepared();

        assertThat(transport.commit(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();

        assertThat(broker.stats().committedByProducer()).isEqualTo(1);
        assertThat(broker.stats().undecided()).isZero();
    }

    @Scenario("messaging-20")
    @Test
    void theSameDecisionAgainIsConfirmedAndTheOppositeOneIsLeft() throws Exception {
        List<PreparedHalf> halves = prepared();

        assertThat(transport.commit(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(transport.commit(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(transport.rollback(halves).get(SECONDS, TimeUnit.SECONDS)).isFalse();

        assertThat(broker.stats().messages()).isEqualTo(1);
    }

    @Scenario("messaging-20")
    @Test
    void aCommitThatComesAfterTheRollbackIsLeft() throws Exception {
        List<PreparedHalf> halves = prepared();

        assertThat(transport.rollback(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(transport.commit(halves).get(SECONDS, TimeUnit.SECONDS)).isFalse();
        assertThat(transport.rollback(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();

        assertThat(broker.stats().messages()).isZero();
        assertThat(broker.stats().undecided()).isZero();
    }

    @Test
    void aDecisionIsTriedAgainUntilTheBrokerIsBack() throws Exception {
        List<PreparedHalf> halves = prepared();
        int port = Integer.parseInt(broker.address().split(":")[1]);
        broker.close();

        CompletableFuture<Boolean> decision = transport.commit(halves);
        AtomicInteger looks = new AtomicInteger();
        await().atMost(Duration.ofSeconds(SECONDS)).until(() -> decision.isDone() || looks.incrementAndGet() > 5);
        startBroker(port);

        assertThat(decision.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(broker.stats().undecided()).isZero();
    }

    @Test
    void aDecisionThatTheBrokerNeverTakesIsLeftToTheCheckBack() throws Exception {
        List<PreparedHalf> halves = prepared();
        broker.close();

        assertThat(transport.commit(halves).get(SECONDS, TimeUnit.SECONDS)).isFalse();
    }
}
