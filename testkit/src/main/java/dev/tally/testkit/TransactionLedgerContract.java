package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.TransactionFencedException;
import dev.tally.half.TransactionLedger;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What a ledger of local transactions guarantees on every database: a transaction and the answer about it never disagree.
 * A database is added by a subclass that says how to open it; a ledger of one's own by {@link #createLedger}.
 *
 * @since 0.1
 */
public abstract class TransactionLedgerContract {

    private final ExecutorService other = Executors.newFixedThreadPool(8);
    private TestDatabase database;
    private JdbcTransactionManager transactions;
    private TransactionLedger ledger;

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /**
     * The ledger under test, on a database that {@link #createDatabase} opened; Tally's own if this is not overridden.
     *
     * @param transactions the transaction manager that the suite's transactions run with
     */
    protected TransactionLedger createLedger(TestDatabase database, PlatformTransactionManager transactions) {
        return new JdbcTransactionLedger(database.dataSource(), transactions, database.dialect());
    }

    /** Creates the suite; the database is opened before each test. */
    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    protected TransactionLedgerContract() {}

    @BeforeEach
    void open() {
        database = createDatabase();
        transactions = new JdbcTransactionManager(database.dataSource());
        ledger = createLedger(database, transactions);
        jdbc().execute("CREATE TABLE business (what VARCHAR(255) NOT NULL)");
    }

    @AfterEach
    void close() {
        other.shutdownNow();
        database.close();
    }

    TestDatabase database() {
        return database;
    }

    TransactionLedger ledger() {
        return ledger;
    }

    /** Runs what else happens at the same time. */
    Executor other() {
        return other;
    }

    TransactionTemplate transaction() {
        return new TransactionTemplate(transactions);
    }

    JdbcTemplate jdbc() {
        return new JdbcTemplate(database.dataSource());
    }

    private void effect() {
        jdbc().update("INSERT INTO business (what) VALUES (?)", "effect");
    }

    private int effects() {
        return Objects.requireNonNull(jdbc().queryForObject("SELECT COUNT(*) FROM business", Integer.class));
    }

    CheckBackAnswer resolveElsewhere(String id) {
        return CompletableFuture.supplyAsync(() -> ledger.resolve(id), other).join();
    }

    @Test
    void aCommittedTransactionIsAnsweredWithCommit() {
        transaction().executeWithoutResult(status -> ledger.recordCommitted("t"));

        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.COMMIT);
    }

    @Test
    void aRolledBackTransactionIsAnsweredWithRollbackForEver() {
        transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("t");
            status.setRollbackOnly();
        });

        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Scenario("messaging-15")
    @Scenario("saga-4")
    @Test
    void aRunningTransactionIsAnsweredWithUnknownAndThenAsItEnded() {
        transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("commits");
            assertThat(resolveElsewhere("commits")).isEqualTo(CheckBackAnswer.UNKNOWN);
        });
        transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("rolls back");
            assertThat(resolveElsewhere("rolls back")).isEqualTo(CheckBackAnswer.UNKNOWN);
            status.setRollbackOnly();
        });

        assertThat(ledger.resolve("commits")).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(ledger.resolve("rolls back")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Scenario("messaging-15")
    @Test
    void aCheckBackThatWaitsSeesTheCommitThatEndsItsWait() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<@Nullable CompletableFuture<CheckBackAnswer>> answer = new AtomicReference<>();
        transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("t");
            answer.set(CompletableFuture.supplyAsync(
                    () -> {
                        asked.countDown();
                        return ledger.resolve("t");
                    },
                    other));
            awaitUninterruptibly(asked);
        });

        // On a loaded machine the bound may be reached first, which is right too; ROLLBACK never is.
        assertThat(Objects.requireNonNull(answer.get()).get(60, TimeUnit.SECONDS))
                .isIn(CheckBackAnswer.COMMIT, CheckBackAnswer.UNKNOWN);
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.COMMIT);
    }

    @Scenario("messaging-16")
    @Test
    void aTransactionThatWasFencedCannotCommitAndIsRolledBack() {
        assertThat(ledger.resolve("slow")).isEqualTo(CheckBackAnswer.ROLLBACK);

        assertThatExceptionOfType(TransactionFencedException.class)
                .isThrownBy(() -> transaction().executeWithoutResult(status -> {
                    effect();
                    ledger.recordCommitted("slow");
                }))
                .withMessageContaining("slow")
                .withMessageContaining("check-back");
        assertThat(effects()).isZero();
        assertThat(ledger.resolve("slow")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Test
    void aTransactionThatFencesItselfCommitsItsOtherEffects() {
        transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("t");
            effect();
            ledger.recordRolledBack("t");
        });

        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void refusesToFenceWhatTheTransactionHasNotRecordedAndToRecordOutsideOfOne() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> transaction().executeWithoutResult(s -> ledger.recordRolledBack("t")))
                .withMessageContaining("has not recorded it");
        assertThatExceptionOfType(IllegalTransactionStateException.class).isThrownBy(() -> ledger.recordCommitted("t"));
    }

    /** Broker and database agree whichever of the two inserts wins; seeds do not matter, the threads race. */
    @Test
    void commitAndCheckBackNeverDisagreeWhenTheyRace() throws Exception {
        for (int i = 0; i < 60; i++) {
            String id = "race-" + i;
            CountDownLatch start = new CountDownLatch(1);
            CompletableFuture<Boolean> commit = CompletableFuture.supplyAsync(
                    () -> {
                        awaitUninterruptibly(start);
                        try {
                            transaction().executeWithoutResult(s -> ledger.recordCommitted(id));
                            return true;
                        } catch (TransactionFencedException e) {
                            return false;
                        }
                    },
                    other);
            CompletableFuture<CheckBackAnswer> answer = CompletableFuture.supplyAsync(
                    () -> {
                        awaitUninterruptibly(start);
                        return ledger.resolve(id);
                    },
                    other);
            start.countDown();
            boolean didCommit = commit.get(60, TimeUnit.SECONDS);
            CheckBackAnswer answered = answer.get(60, TimeUnit.SECONDS);
            assertThat(answered)
                    .isIn(didCommit ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK, CheckBackAnswer.UNKNOWN);
            assertThat(ledger.resolve(id)).isEqualTo(didCommit ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK);
        }
    }

    @Test
    void resolvesInATransactionOfItsOwn() {
        transaction().executeWithoutResult(status -> {
            assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
            status.setRollbackOnly();
        });

        assertThatExceptionOfType(TransactionFencedException.class)
                .isThrownBy(() -> transaction().executeWithoutResult(status -> ledger.recordCommitted("t")));
    }

    @Test
    void isOverruledByHandOnlyWhereItStillSaysWhatWasFound() {
        transaction().executeWithoutResult(status -> ledger.recordCommitted("t"));

        assertThat(decideByHand("t", CheckBackAnswer.ROLLBACK, CheckBackAnswer.COMMIT))
                .isFalse();
        assertThat(decideByHand("absent", CheckBackAnswer.ROLLBACK, CheckBackAnswer.COMMIT))
                .isFalse();
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.COMMIT);

        assertThat(decideByHand("t", CheckBackAnswer.COMMIT, CheckBackAnswer.COMMIT))
                .isTrue();
        assertThat(decideByHand("t", CheckBackAnswer.COMMIT, CheckBackAnswer.ROLLBACK))
                .isTrue();
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Test
    void ofTwoDecisionsByHandAtATimeTheSecondFindsTheFirst() throws Exception {
        transaction().executeWithoutResult(status -> ledger.recordCommitted("t"));
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<@Nullable CompletableFuture<Boolean>> second = new AtomicReference<>();

        transaction().executeWithoutResult(status -> {
            assertThat(ledger.decideByHand("t", CheckBackAnswer.COMMIT, CheckBackAnswer.ROLLBACK))
                    .isTrue();
            second.set(CompletableFuture.supplyAsync(
                    () -> {
                        begun.countDown();
                        return decideByHand("t", CheckBackAnswer.COMMIT, CheckBackAnswer.COMMIT);
                    },
                    other));
            awaitUninterruptibly(begun);
        });

        assertThat(Objects.requireNonNull(second.get()).get(60, TimeUnit.SECONDS))
                .isFalse();
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    private boolean decideByHand(String transactionId, CheckBackAnswer found, CheckBackAnswer answer) {
        return Boolean.TRUE.equals(transaction().execute(status -> ledger.decideByHand(transactionId, found, answer)));
    }

    @Test
    void forgetsNoOtherTransactionsThanItIsTold() {
        transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("b");
            ledger.recordCommitted("a");
            ledger.recordCommitted("kept");
        });

        assertThat(ledger.forget(List.of("b", "not there", "a"))).isEqualTo(2);
        assertThat(ledger.forget(List.of())).isZero();

        assertThat(ledger.resolve("kept")).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(ledger.resolve("a")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Test
    void purgesNoMoreThanItIsToldAndNothingYoung() {
        transaction().executeWithoutResult(status -> {
            for (int i = 0; i < 5; i++) {
                ledger.recordCommitted("t-" + i);
            }
        });

        assertThat(ledger.purge(Duration.ofHours(1), 10)).isZero();
        assertThat(ledger.purge(Duration.ZERO, 3)).isEqualTo(3);
        assertThat(ledger.purge(Duration.ZERO, 3)).isEqualTo(2);
        assertThat(ledger.purge(Duration.ZERO, 3)).isZero();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
