package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    private Broker broker;
    private OfficialClients clients;

    @BeforeEach
    void start() {
        broker = Broker.start(fastChecks());
        clients = new OfficialClients(broker.address());
    }

    private BrokerConfig fastChecks() {
        return BrokerConfig.builder(data)
                .checkImmunity(Duration.ofMillis(500))
                .checkInterval(Duration.ofSeconds(1))
                .checkMaxInterval(Duration.ofSeconds(2))
                .build();
    }

    @AfterEach
    void stop() {
        clients.close();
        broker.close();
    }

    /** Says in the local transaction and in check-backs what the test has laid out for a message's body. */
    private static final class Scripted implements TransactionListener {
        private final Map<String, LocalTransactionState> local = new ConcurrentHashMap<>();
        private final Map<String, Queue<LocalTransactionState>> checks = new ConcurrentHashMap<>();
        private final Queue<MessageExt> asked = new ConcurrentLinkedQueue<>();

        Scripted at(String body, LocalTransactionState state, LocalTransactionState... whenAsked) {
            local.put(body, state);
            checks.put(body, new ConcurrentLinkedQueue<>(List.of(whenAsked)));
            return this;
        }

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return local.get(new String(message.getBody()));
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            asked.add(message);
            Queue<LocalTransactionState> answers = checks.get(OfficialClients.text(message));
            LocalTransactionState next = answers == null ? null : answers.poll();
            return next == null ? LocalTransactionState.UNKNOW : next;
        }
    }

    @Test
    void deliversCommittedMessagesOnceAndRolledBackOnesNever() throws Exception {
        Scripted script = new Scripted()
                .at("committed", LocalTransactionState.COMMIT_MESSAGE)
                .at("rolled back", LocalTransactionState.ROLLBACK_MESSAGE);
        TransactionMQProducer producer = clients.transactionProducer("deciders", script);
        List<MessageExt> got = clients.consumed("readers", "deals", "*");

        TransactionSendResult committed =
                producer.sendMessageInTransaction(OfficialClients.message("deals", "t", "committed"), null);
        producer.sendMessageInTransaction(OfficialClients.message("deals", "t", "rolled back"), null);

        assertThat(committed.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(committed.getTransactionId()).isEqualTo(committed.getMsgId());
        await().atMost(PATIENCE).until(() -> !got.isEmpty());
        await().atMost(PATIENCE).until(() -> broker.stats().rolledBackByProducer() == 1);
        producer.send(OfficialClients.message("deals", "t", "plain"));
        await().atMost(PATIENCE).until(() -> got.size() >= 2);
        assertThat(OfficialClients.texts(got)).containsExactlyInAnyOrder("committed", "plain");
        assertThat(got.get(0).getTransactionId()).isEqualTo(committed.getMsgId());
        assertThat(broker.stats().committedByProducer()).isEqualTo(1);
        assertThat(script.asked).isEmpty();
    }

    @Scenario("broker-23")
    @Test
    void asksUntilTheProducerKnowsAndThenCommitsOrRollsBack() throws Exception {
        Scripted script = new Scripted()
                .at(
                        "later committed",
                        LocalTransactionState.UNKNOW,
                        LocalTransactionState.UNKNOW,
                        LocalTransactionState.COMMIT_MESSAGE)
                .at("later rolled back", LocalTransactionState.UNKNOW, LocalTransactionState.ROLLBACK_MESSAGE);
        TransactionMQProducer producer = clients.transactionProducer("deciders", script);
        List<MessageExt> got = clients.consumed("readers", "deals", "*");

        producer.sendMessageInTransaction(OfficialClients.message("deals", "tag", "later committed"), null);
        producer.sendMessageInTransaction(OfficialClients.message("deals", "tag", "later rolled back"), null);

        await().atMost(PATIENCE).until(() -> !got.isEmpty());
        await().atMost(PATIENCE).until(() -> broker.stats().undecided() == 0);
        assertThat(OfficialClients.texts(got)).containsExactly("later committed");
        assertThat(broker.stats().committedByCheckBack()).isEqualTo(1);
        assertThat(broker.stats().rolledBackByCheckBack()).isEqualTo(1);
        assertThat(script.asked).hasSize(3).allSatisfy(asked -> {
            assertThat(asked.getTopic()).isEqualTo("deals");
            assertThat(asked.getTags()).isEqualTo("tag");
            assertThat(asked.getTransactionId()).isNotEmpty();
        });
    }

    @Test
    void asksAnotherProducerOfTheGroupWhenTheFirstDied() throws Exception {
        Scripted dying = new Scripted().at("orphan", LocalTransactionState.UNKNOW);
        Scripted heir = new Scripted().at("orphan", LocalTransactionState.UNKNOW, LocalTransactionState.COMMIT_MESSAGE);
        List<MessageExt> got = clients.consumed("readers", "deals", "*");
        try (OfficialClients first = new OfficialClients(broker.address())) {
            first.transactionProducer("deciders", dying)
                    .sendMessageInTransaction(OfficialClients.message("deals", "t", "orphan"), null);
        }
        assertThat(broker.stats().undecided()).isEqualTo(1);

        TransactionMQProducer second = clients.transactionProducer("deciders", heir);
        second.send(OfficialClients.message("elsewhere", "t", "makes it known to the broker"));

        await().atMost(PATIENCE).until(() -> !got.isEmpty());
        assertThat(OfficialClients.texts(got)).containsExactly("orphan");
        assertThat(heir.asked).hasSize(1);
    }

    @Test
    void keepsAHalfMessageThroughARestartAndAsksAgain() throws Exception {
        Scripted script = new Scripted().at("survivor", LocalTransactionState.UNKNOW);
        clients.transactionProducer("deciders", script)
                .sendMessageInTransaction(OfficialClients.message("deals", "t", "survivor"), null);
        clients.close();
        broker.close();

        broker = Broker.start(fastChecks());
        clients = new OfficialClients(broker.address());
        List<MessageExt> got = clients.consumed("readers", "deals", "*");
        Scripted again =
                new Scripted().at("survivor", LocalTransactionState.UNKNOW, LocalTransactionState.COMMIT_MESSAGE);
        clients.transactionProducer("deciders", again).send(OfficialClients.message("elsewhere", "t", "x"));

        await().atMost(PATIENCE).until(() -> !got.isEmpty());
        assertThat(OfficialClients.texts(got)).containsExactly("survivor");
    }

    @Test
    void waitsWithTheFirstCheckForAMessagesOwnImmunity() throws Exception {
        Scripted script = new Scripted().at("slow", LocalTransactionState.UNKNOW, LocalTransactionState.COMMIT_MESSAGE);
        TransactionMQProducer producer = clients.transactionProducer("deciders", script);
        Message slow = OfficialClients.message("deals", "t", "slow");
        slow.putUserProperty("CHECK_IMMUNITY_TIME_IN_SECONDS", "3");
        long sentAt = System.nanoTime();
        producer.sendMessageInTransaction(slow, null);

        await().atMost(PATIENCE).until(() -> broker.stats().committedByCheckBack() == 1);
        assertThat(Duration.ofNanos(System.nanoTime() - sentAt)).isGreaterThanOrEqualTo(Duration.ofSeconds(3));
    }
}
