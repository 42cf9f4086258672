package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.half.HalfMessageBreaker;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.LedgerCheckBack;
import dev.tally.half.SettledTransactions;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.publish.Settlement;
import dev.tally.testkit.H2Database;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.rocketmq.real.ReplicatedRocketMq;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A real RocketMQ master that waits for its slave, and is lost. */
@DisabledForJreRange(
        min = JRE.JAVA_25,
        disabledReason =
                "RocketMQ 5.5.0 cannot delete a mapped index file there, which it does when it starts again after a kill")
class ReplicatedRocketMqTest {

    private static final String TOPIC = "replicated";
    private static final InstantSource CLOCK = InstantSource.system();

    private static ReplicatedRocketMq rocketMq;

    private final H2Database database = H2Database.inMemory();
    private final JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
    private final JdbcTransactionManager transactions = new JdbcTransactionManager(database.dataSource());
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(4);
    private RocketMqTransport transport;
    private OutboxRelay relay;
    private HalfMessagePath path;

    @BeforeAll
    static void startRocketMq() throws Exception {
        Path target = Files.createDirectories(Path.of("target"));
        rocketMq = ReplicatedRocketMq.start(Files.createTempDirectory(target, "replicated"), TOPIC);
    }

    @AfterAll
    static void stopRocketMq() {
        rocketMq.close();
    }

    @BeforeEach
    void startService() {
        transport = open("service");
        JdbcTransactionLedger ledger =
                new JdbcTransactionLedger(database.dataSource(), transactions, database.dialect());
        transport.onCheckBack(new LedgerCheckBack(ledger, new HalfMessageListener() {}));
        JdbcOutboxStore outbox = JdbcOutboxStore.create(database.dataSource(), database.dialect());
        relay = OutboxRelay.over(outbox, transport, scheduler, CLOCK, new Random(7), ReplicatedRocketMqTest::unique)
                .build();
        relay.start();
        path = new HalfMessagePath(
                transport,
                ledger,
                new OutboxPath(outbox, relay, transport),
                ReplicatedRocketMqTest::unique,
                Duration.ofSeconds(30),
                new HalfMessageListener() {},
                new SettledTransactions(ledger, CLOCK),
                HalfMessageBreaker.closed(Duration.ofSeconds(30), CLOCK),
                CLOCK);
    }

    @AfterEach
    void stopService() {
        relay.close();
        scheduler.shutdownNow();
        transport.close();
        database.close();
    }

    @Test
    void whatCommittedIsReadFromTheSlaveWhenTheMasterIsLostAndTransactionsGoOnThroughTheOutbox() throws Exception {
        List<MessageId> committed = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Message message = message();
            publish(message).committed();
            committed.add(message.id());
        }
        publishAndRollBack(message()).rolledBack();
        Message asked = message();
        publish(asked).unknown();
        committed.add(asked.id());
        // The answer to a commit says that the master has it; its copy follows.
        patiently().until(() -> rocketMq.readableOnSlave() == committed.size());

        rocketMq.killMaster();
        List<MessageId> received = consume("survivors");

        patiently().until(() -> received.size() >= committed.size());
        assertThat(received).containsExactlyInAnyOrderElementsOf(committed);

        long fencedBefore = count("SELECT count(*) FROM tally_transaction WHERE state = ?", "ROLLED_BACK");
        Message meanwhile = message();
        publish(meanwhile).committed();
        assertThat(count(
                        "SELECT count(*) FROM tally_outbox WHERE message_id = ?",
                        meanwhile.id().value()))
                .isEqualTo(1);
        assertThat(count("SELECT count(*) FROM tally_transaction WHERE state = ?", "ROLLED_BACK"))
                .isEqualTo(fencedBefore + 1);

        rocketMq.startMaster();
        patiently().until(() -> received.contains(meanwhile.id()));
        patiently()
                .until(() -> count(
                                "SELECT count(*) FROM tally_outbox WHERE message_id = ?",
                                meanwhile.id().value())
                        == 0);
        assertThat(received).containsAll(committed);
    }

    private Settlement publish(Message message) {
        return settle(message, false);
    }

    private Settlement publishAndRollBack(Message message) {
        return settle(message, true);
    }

    private Settlement settle(Message message, boolean rollBack) {
        return Objects.requireNonNull(new TransactionTemplate(transactions).execute(status -> {
            Settlement settlement = path.prepare(List.of(message));
            if (rollBack) {
                status.setRollbackOnly();
            }
            return settlement;
        }));
    }

    private List<MessageId> consume(String group) {
        List<MessageId> received = new CopyOnWriteArrayList<>();
        transport.subscribe(new Subscription(TOPIC, group, "*", 4, false, 16), batch -> {
            batch.forEach(each -> received.add(each.message().id()));
            return batch.stream()
                    .<DeliveryOutcome>map(each -> new DeliveryOutcome.Delivered())
                    .toList();
        });
        return received;
    }

    private long count(String sql, String argument) {
        return Objects.requireNonNull(jdbc.queryForObject(sql, Long.class, argument));
    }

    private static RocketMqTransport open(String group) {
        return new RocketMqTransport(RocketMqSettings.builder(rocketMq.nameServerAddress(), group, unique())
                .sendTimeout(Duration.ofSeconds(30))
                .closeTimeout(Duration.ofSeconds(1))
                .build());
    }

    private static Message message() {
        return new Message(
                new MessageId(unique()), Destination.topic(TOPIC), null, "text", Headers.empty(), new byte[] {1});
    }

    private static String unique() {
        return UUID.randomUUID().toString();
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(180)).pollInterval(Duration.ofMillis(100));
    }
}
