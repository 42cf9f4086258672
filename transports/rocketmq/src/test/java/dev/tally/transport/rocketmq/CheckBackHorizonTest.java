package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.LedgerRetention;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.retention.RetentionRound;
import dev.tally.testkit.H2Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The ledger's rows and the half messages of Tally's broker, with a retention that is over at once. */
class CheckBackHorizonTest {

    private static final Duration NO_TIME = Duration.ofMillis(1);
    private static final Duration ALLOWANCE = Duration.ofSeconds(1);
    private static final Duration OLD = Duration.ofSeconds(3);
    private static final int SECONDS = 90;

    @TempDir
    private Path directory;

    private final H2Database database = H2Database.inMemory();
    private final JdbcTransactionManager transactions = new JdbcTransactionManager(database.dataSource());
    private final JdbcTransactionLedger ledger =
            new JdbcTransactionLedger(database.dataSource(), transactions, database.dialect());

    private Broker broker;
    private RocketMqTransport transport;
    private LedgerRetention retention;
    private RetentionRound round;

    @BeforeEach
    void startBrokerAndService() {
        startBroker(0);
        transport = new RocketMqTransport(RocketMqSettings.builder(broker.address(), "horizon", "horizon-1")
                .build());
        transport.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);
        retention = new LedgerRetention(NO_TIME, ALLOWANCE, transport, InstantSource.system());
        round = new RetentionRound(List.of(new RetentionRound.Table("ledger", retention::age, ledger::purge)), 10, 10);
    }

    private void startBroker(int port) {
        broker = Broker.start(BrokerConfig.builder(directory)
                .port(port)
                .checkImmunity(Duration.ofMillis(200))
                .checkInterval(Duration.ofMillis(200))
                .maxChecks(2)
                .build());
    }

    @AfterEach
    void stop() {
        transport.close();
        broker.close();
        database.close();
    }

    @Test
    void aRowOlderThanItsRetentionStaysUntilItsHalfMessageIsDecided() throws Exception {
        List<PreparedHalf> halves = prepareAndCommitLocally("t-1");
        patiently().until(() -> transport.ofOldestQuestion().compareTo(OLD) > 0);

        round.run();
        assertThat(rows()).isEqualTo(1);

        assertThat(transport.commit(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(transport.ofOldestQuestion()).isZero();
        round.run();
        assertThat(rows()).isZero();
    }

    @Test
    void aRowStaysWhileItsHalfMessageIsParkedAlsoOverARestartOfTheBroker() throws Exception {
        List<PreparedHalf> halves = prepareAndCommitLocally("t-1");
        patiently().until(() -> broker.stats().parked() == 1);
        patiently().until(() -> transport.ofOldestQuestion().compareTo(OLD) > 0);

        round.run();
        assertThat(rows()).isEqualTo(1);

        int port = Integer.parseInt(broker.address().split(":")[1]);
        broker.close();
        round.run();
        assertThat(rows()).isEqualTo(1);

        startBroker(port);
        patiently().until(() -> retention.check());
        round.run();
        assertThat(rows()).isEqualTo(1);

        assertThat(transport.rollback(halves).get(SECONDS, TimeUnit.SECONDS)).isTrue();
        round.run();
        assertThat(rows()).isZero();
    }

    @Test
    void halfMessagesOfOtherServicesDoNotCount() throws Exception {
        try (RocketMqTransport other =
                new RocketMqTransport(RocketMqSettings.builder(broker.address(), "another", "another-1")
                        .build())) {
            prepareAndCommitLocally("t-1");
            patiently().until(() -> transport.ofOldestQuestion().compareTo(Duration.ZERO) > 0);

            assertThat(other.ofOldestQuestion()).isZero();
        }
    }

    private List<PreparedHalf> prepareAndCommitLocally(String transactionId) throws Exception {
        new TransactionTemplate(transactions).executeWithoutResult(status -> ledger.recordCommitted(transactionId));
        Message message = new Message(
                new MessageId("m-" + transactionId),
                Destination.topic("horizon"),
                null,
                "text",
                Headers.empty(),
                new byte[] {1});
        List<PreparedHalf> halves =
                transport.prepare(transactionId, List.of(message)).get(SECONDS, TimeUnit.SECONDS);
        // The row is not to be older than its half message by more than the short allowance, however slow this was.
        new JdbcTemplate(database.dataSource()).update("UPDATE tally_transaction SET created_at = CURRENT_TIMESTAMP");
        return halves;
    }

    private long rows() {
        Long rows = new JdbcTemplate(database.dataSource())
                .queryForObject("SELECT count(*) FROM tally_transaction", Long.class);
        return rows == null ? 0 : rows;
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(SECONDS)).pollInterval(Duration.ofMillis(50));
    }
}
