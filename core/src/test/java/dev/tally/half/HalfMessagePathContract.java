package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.half.FakeHalfBroker.Mode;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.publish.OutgoingMessage;
import dev.tally.publish.PublishListener;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Broker and database agree, on every database. */
abstract class HalfMessagePathContract {

    record Placed(String order) {}

    private final FakeHalfBroker broker = new FakeHalfBroker();
    private final RecordingPath outboxRecords = new RecordingPath();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final List<String> events = new ArrayList<>();
    private final AtomicInteger counter = new AtomicInteger();
    private TestDatabase database;
    private TransactionLedger ledger;
    private TransactionalMessagePublisher publisher;
    private SettledTransactions settled;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void create() {
        database = createDatabase();
        database.jdbc().execute("CREATE TABLE outbox (id VARCHAR(64) NOT NULL)");
        ledger = new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
        HalfMessageListener listener = new HalfMessageListener() {
            @Override
            public void prepared(int count) {
                events.add("prepared " + count);
            }

            @Override
            public void committed(int count) {
                events.add("committed " + count);
            }

            @Override
            public void rolledBack(int count) {
                events.add("rolledBack " + count);
            }

            @Override
            public synchronized void checkedBack(CheckBackAnswer answer) {
                events.add("checkedBack " + answer);
            }

            @Override
            public void fellBack(int count, String reason) {
                events.add("fellBack " + count);
            }
        };
        broker.onCheckBack(new LedgerCheckBack(ledger, listener));
        PublishingPath outbox = messages -> {
            messages.forEach(message -> database.jdbc()
                    .update("INSERT INTO outbox (id) VALUES (?)", message.id().value()));
            return outboxRecords.prepare(messages);
        };
        publisher = publisher(outbox, listener, Duration.ofSeconds(60));
    }

    private TransactionalMessagePublisher publisher(
            PublishingPath fallback, HalfMessageListener listener, Duration timeout) {
        return publisher(fallback, listener, timeout, ledger);
    }

    private TransactionalMessagePublisher publisher(
            PublishingPath fallback, HalfMessageListener listener, Duration timeout, TransactionLedger ledger) {
        settled = new SettledTransactions(ledger, now::get);
        HalfMessagePath path = new HalfMessagePath(
                broker,
                ledger,
                fallback,
                () -> "t" + counter.incrementAndGet(),
                timeout,
                listener,
                settled,
                HalfMessageBreaker.closed(timeout, now::get),
                now::get);
        return new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("m" + counter.incrementAndGet()),
                database.dataSource(),
                Map.of(Via.HALF_MESSAGE, path),
                List.of(),
                new PublishListener() {},
                InstantSource.system());
    }

    @AfterEach
    void close() {
        database.close();
    }

    private String publish() {
        return publisher
                .publish(OutgoingMessage.to("orders")
                        .payload(new Placed("1"))
                        .via(Via.HALF_MESSAGE)
                        .build())
                .value();
    }

    private List<String> outbox() {
        return database.jdbc().queryForList("SELECT id FROM outbox ORDER BY id", String.class);
    }

    @Scenario("messaging-21")
    @Test
    void allMessagesOfACommittedTransactionBecomeVisibleAndNoneBefore() {
        database.transaction().executeWithoutResult(status -> {
            publish();
            publish();
            assertThat(broker.visible()).isEmpty();
        });

        assertThat(broker.visible()).containsExactlyInAnyOrder("m1", "m2");
        assertThat(broker.prepareCalls).isEqualTo(1);
        assertThat(events).containsExactly("prepared 2", "committed 2");
        assertThat(outbox()).isEmpty();
    }

    @Scenario("messaging-21")
    @Test
    void allMessagesAreGoneWhenTheCommitFailsAfterTheBrokerHasThem() {
        JdbcTransactionManager refusing = new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                super.doRollback(status);
                throw new TransactionSystemException("commit refused");
            }
        };
        refusing.setRollbackOnCommitFailure(true);
        assertThatThrownBy(() -> new TransactionTemplate(refusing).executeWithoutResult(status -> {
                    publish();
                    publish();
                }))
                .hasMessage("commit refused");
        assertThat(broker.undecided())
                .as("a refused commit and one whose answer is lost look the same")
                .isEqualTo(2);

        broker.ask();

        assertThat(broker.gone()).containsExactlyInAnyOrder("m1", "m2");
        assertThat(broker.visible()).isEmpty();
    }

    @Scenario("messaging-2")
    @Test
    void aCommitWhoseAnswerIsLostIsNotTakenForTheRollbackThatFollows() {
        JdbcTransactionManager losingTheAnswer = new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                super.doCommit(status);
                throw new DataAccessResourceFailureException("the answer to COMMIT is lost");
            }
        };
        assertThatThrownBy(() -> new TransactionTemplate(losingTheAnswer).executeWithoutResult(status -> publish()))
                .hasMessage("the answer to COMMIT is lost");

        broker.ask();

        assertThat(broker.visible()).containsExactly("m1");
        assertThat(broker.gone()).isEmpty();
    }

    @Test
    void theCheckBackDecidesWhenTheDecisionIsLost() {
        broker.losesDecisions = true;
        database.transaction().executeWithoutResult(status -> publish());
        assertThat(broker.undecided()).isEqualTo(1);

        broker.ask();

        assertThat(broker.visible()).containsExactly("m1");
    }

    @Scenario("messaging-15")
    @Test
    void theCheckBackOfAnOpenTransactionWaitsForItsEnd() {
        Runnable elsewhere = () -> CompletableFuture.runAsync(broker::ask).join();
        JdbcTransactionManager askingBeforeTheEnd = new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                elsewhere.run();
                super.doCommit(status);
            }
        };
        broker.losesDecisions = true;
        new TransactionTemplate(askingBeforeTheEnd).executeWithoutResult(status -> publish());
        assertThat(broker.undecided()).isEqualTo(1);
        assertThat(events).contains("checkedBack UNKNOWN");
        broker.ask();
        assertThat(broker.visible()).containsExactly("m1");

        JdbcTransactionManager rollingBack = new JdbcTransactionManager(database.dataSource()) {
            @Override
            protected void doCommit(DefaultTransactionStatus status) {
                elsewhere.run();
                throw new TransactionSystemException("commit refused");
            }
        };
        rollingBack.setRollbackOnCommitFailure(true);
        assertThatThrownBy(() -> new TransactionTemplate(rollingBack).executeWithoutResult(status -> publish()))
                .hasMessage("commit refused");
        assertThat(broker.undecided()).isEqualTo(1);
        broker.ask();
        assertThat(broker.gone()).hasSize(1);
        assertThat(broker.visible()).hasSize(1);
    }

    @Scenario("messaging-16")
    @Test
    void aTransactionThatWasFencedWhileItWaitedForItsTurnRollsBack() {
        String fenced = "t" + (counter.get() + 2);
        assertThat(ledger.resolve(fenced)).isEqualTo(CheckBackAnswer.ROLLBACK);

        assertThatExceptionOfType(TransactionFencedException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                    database.business("effect");
                    publish();
                }));

        assertThat(database.business()).isEmpty();
        assertThat(broker.visible()).isEmpty();
        assertThat(broker.gone()).containsExactly("m1");
    }

    @Test
    void whatTheBrokerStoresLateIsRolledBackWhereTheLedgerRowCouldNotBeWritten() {
        String fenced = "t" + (counter.get() + 2);
        assertThat(ledger.resolve(fenced)).isEqualTo(CheckBackAnswer.ROLLBACK);
        broker.mode = Mode.STORES_BUT_DOES_NOT_ANSWER;
        assertThatExceptionOfType(TransactionFencedException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(status -> publish()));
        assertThat(broker.undecided()).isEqualTo(1);

        broker.answerLate();

        assertThat(broker.gone()).containsExactly("m1");
        assertThat(outbox()).isEmpty();
    }

    @Scenario("messaging-16")
    @Test
    void aCheckBackThatComesBeforeTheLedgerRowFencesTheTransaction() {
        broker.whenStored = () -> CompletableFuture.runAsync(broker::ask).join();

        assertThatExceptionOfType(TransactionFencedException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                    database.business("effect");
                    publish();
                }));

        assertThat(database.business()).isEmpty();
        assertThat(events).contains("checkedBack ROLLBACK");
        assertThat(broker.visible()).isEmpty();
        assertThat(broker.gone()).containsExactly("m1");
    }

    @Test
    void timeThatTheLedgerRowTakesIsNotCountedAgainstTheBroker() {
        TransactionLedger slow = slow(ledger, Duration.ofSeconds(55));
        publisher = publisher(outboxRecords, new HalfMessageListener() {}, Duration.ofSeconds(60), slow);

        for (int i = 0; i < 12; i++) {
            database.transaction().executeWithoutResult(status -> publish());
        }

        assertThat(broker.visible()).hasSize(12);
        assertThat(outboxRecords.left).isEmpty();
    }

    /** The same ledger, and the clock moves on while it writes. */
    private TransactionLedger slow(TransactionLedger ledger, Duration time) {
        return (TransactionLedger) Proxy.newProxyInstance(
                TransactionLedger.class.getClassLoader(),
                new Class<?>[] {TransactionLedger.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("recordCommitted")) {
                        now.set(now.get().plus(time));
                    }
                    return method.invoke(ledger, arguments);
                });
    }

    @Scenario("messaging-18")
    @Test
    void messagesThatTheBrokerRefusesGoThroughTheOutboxOnce() {
        for (Mode mode : List.of(Mode.REFUSES, Mode.THROWS)) {
            broker.mode = mode;
            database.transaction().executeWithoutResult(status -> publish());
            assertThat(ledger.resolve(broker.lastTransactionId())).isEqualTo(CheckBackAnswer.ROLLBACK);
        }

        assertThat(outbox()).hasSize(2);
        assertThat(outboxRecords.left).hasSize(2);
        assertThat(broker.visible()).isEmpty();
        assertThat(events).contains("fellBack 1");
    }

    @Scenario("messaging-18")
    @Test
    void messagesThatTheBrokerStoredWithoutAnAnswerLeaveThroughTheOutboxOnly() {
        publisher = publisher(
                messages -> {
                    messages.forEach(message -> database.jdbc()
                            .update(
                                    "INSERT INTO outbox (id) VALUES (?)",
                                    message.id().value()));
                    return outboxRecords.prepare(messages);
                },
                new HalfMessageListener() {},
                Duration.ofMillis(20));
        broker.mode = Mode.STORES_BUT_DOES_NOT_ANSWER;
        database.transaction().executeWithoutResult(status -> publish());
        assertThat(broker.undecided()).isEqualTo(1);

        broker.ask();

        assertThat(broker.visible()).isEmpty();
        assertThat(broker.gone()).containsExactly("m1");
        assertThat(outbox()).containsExactly("m1");
    }

    @Scenario("messaging-19")
    @Test
    void anAnswerThatComesTooLateIsRolledBackAtOnce() {
        publisher = publisher(outboxRecords, new HalfMessageListener() {}, Duration.ofMillis(20));
        broker.mode = Mode.STORES_BUT_DOES_NOT_ANSWER;
        database.transaction().executeWithoutResult(status -> publish());

        broker.answerLate();

        assertThat(broker.gone()).containsExactly("m1");
        assertThat(outboxRecords.left).hasSize(1);
    }

    @Scenario("messaging-18")
    @Test
    void neitherWayIsTakenWhenTheTransactionRollsBackAfterFallingBack() {
        broker.mode = Mode.STORES_BUT_DOES_NOT_ANSWER;
        publisher = publisher(
                messages -> {
                    throw new IllegalStateException("outbox is full");
                },
                new HalfMessageListener() {},
                Duration.ofMillis(20));
        assertThatThrownBy(() -> database.transaction().executeWithoutResult(status -> publish()))
                .hasMessage("outbox is full");

        broker.ask();

        assertThat(broker.visible()).isEmpty();
        assertThat(broker.gone()).containsExactly("m1");
    }

    @Scenario("messaging-18")
    @Test
    void withoutAFallbackTheTransactionFails() {
        publisher = publisher(null, new HalfMessageListener() {}, Duration.ofSeconds(60));
        broker.mode = Mode.REFUSES;

        assertThatExceptionOfType(HalfMessagesUnavailableException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                    database.business("effect");
                    publish();
                }))
                .withMessageContaining("disk full")
                .withMessageContaining("m1");

        assertThat(database.business()).isEmpty();
        assertThat(ledger.resolve(broker.lastTransactionId())).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Test
    void aBrokerThatFailsAgainAndAgainIsLeftAloneUntilAProbeSucceeds() {
        broker.mode = Mode.REFUSES;
        for (int i = 0; i < 10; i++) {
            database.transaction().executeWithoutResult(status -> publish());
        }
        assertThat(broker.prepareCalls).isEqualTo(HalfMessageBreaker.FAILURES_TO_OPEN);

        now.set(now.get().plusSeconds(6));
        database.transaction().executeWithoutResult(status -> publish());
        database.transaction().executeWithoutResult(status -> publish());
        assertThat(broker.prepareCalls).isEqualTo(HalfMessageBreaker.FAILURES_TO_OPEN + 1);

        broker.mode = Mode.STORES;
        now.set(now.get().plusSeconds(6));
        database.transaction().executeWithoutResult(status -> publish());
        database.transaction().executeWithoutResult(status -> publish());
        assertThat(broker.visible()).hasSize(2);
        assertThat(outbox()).hasSize(12);
    }

    @Test
    void forgetsATransactionAWhileAfterTheBrokerConfirmedItsDecision() {
        database.transaction().executeWithoutResult(status -> publish());
        String confirmed = broker.lastTransactionId();
        broker.losesDecisions = true;
        database.transaction().executeWithoutResult(status -> publish());
        String open = broker.lastTransactionId();

        now.set(now.get().plusSeconds(59));
        settled.run();
        assertThat(rows()).containsExactlyInAnyOrder(confirmed, open);

        now.set(now.get().plusSeconds(2));
        settled.run();
        assertThat(rows()).containsExactly(open);
        broker.ask();
        assertThat(broker.visible()).hasSize(2);
    }

    private List<String> rows() {
        return database.jdbc().queryForList("SELECT transaction_id FROM tally_transaction", String.class);
    }

    @Test
    void anInterruptedWaitRollsTheTransactionBack() {
        broker.mode = Mode.STORES_BUT_DOES_NOT_ANSWER;
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(HalfMessagesUnavailableException.class)
                    .isThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                        boolean wasInterrupted = Thread.interrupted();
                        publish();
                        TransactionInterrupt.atTheEnd(wasInterrupted);
                    }))
                    .withMessageContaining("interrupted");
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            boolean cleared = Thread.interrupted();
            assertThat(cleared).isTrue();
        }
        broker.ask();
        assertThat(broker.visible()).isEmpty();
        assertThat(outbox()).isEmpty();
    }

    @Scenario("messaging-22")
    @Test
    void eachLedgerAnswersForItsOwnTransactions() {
        try (TestDatabase other = createDatabase()) {
            TransactionLedger otherLedger =
                    new JdbcTransactionLedger(other.dataSource(), other.transactions(), other.dialect());
            database.transaction().executeWithoutResult(status -> ledger.recordCommitted("ours"));
            other.transaction().executeWithoutResult(status -> otherLedger.recordCommitted("theirs"));

            assertThat(List.of(ledger.resolve("ours"), otherLedger.resolve("theirs")))
                    .containsOnly(CheckBackAnswer.COMMIT);
            assertThat(otherLedger.resolve("ours")).isEqualTo(CheckBackAnswer.ROLLBACK);
        }
    }

    /** Interrupts when the body is over, so that only the wait for the broker sees it. */
    private static final class TransactionInterrupt {
        static void atTheEnd(boolean interrupt) {
            if (interrupt) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
