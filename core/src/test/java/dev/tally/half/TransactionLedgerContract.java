package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.IllegalTransactionStateException;

/** What every ledger promises. */
abstract class TransactionLedgerContract {

    private final ExecutorService other = Executors.newFixedThreadPool(8);
    TestDatabase database;
    TransactionLedger ledger;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void createLedger() {
        database = createDatabase();
        ledger = new JdbcTransactionLedger(database.dataSource(), database.transactions(), database.dialect());
    }

    @AfterEach
    void close() {
        other.shutdownNow();
        database.close();
    }

    private CheckBackAnswer resolveElsewhere(String id) {
        return CompletableFuture.supplyAsync(() -> ledger.resolve(id), other).join();
    }

    @Test
    void aCommittedTransactionIsAnsweredWithCommit() {
        database.transaction().executeWithoutResult(status -> ledger.recordCommitted("t"));

        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.COMMIT);
    }

    @Test
    void aRolledBackTransactionIsAnsweredWithRollbackForEver() {
        database.transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("t");
            status.setRollbackOnly();
        });

        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Scenario("messaging-15")
    @Test
    void aRunningTransactionIsAnsweredWithUnknownAndThenAsItEnded() {
        database.transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("commits");
            assertThat(resolveElsewhere("commits")).isEqualTo(CheckBackAnswer.UNKNOWN);
        });
        database.transaction().executeWithoutResult(status -> {
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
        AtomicReference<CompletableFuture<CheckBackAnswer>> answer = new AtomicReference<>();
        database.transaction().executeWithoutResult(status -> {
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
        assertThat(answer.get().get(60, TimeUnit.SECONDS)).isIn(CheckBackAnswer.COMMIT, CheckBackAnswer.UNKNOWN);
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.COMMIT);
    }

    @Scenario("messaging-16")
    @Test
    void aTransactionThatWasFencedCannotCommitAndIsRolledBack() {
        assertThat(ledger.resolve("slow")).isEqualTo(CheckBackAnswer.ROLLBACK);

        assertThatExceptionOfType(TransactionFencedException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(status -> {
                    database.business("effect");
                    ledger.recordCommitted("slow");
                }))
                .withMessageContaining("slow")
                .withMessageContaining("check-back");
        assertThat(database.business()).isEmpty();
        assertThat(ledger.resolve("slow")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    @Test
    void isOverruledByHandOnlyWhereItStillSaysWhatWasFound() {
        database.transaction().executeWithoutResult(status -> ledger.recordCommitted("t"));

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
        database.transaction().executeWithoutResult(status -> ledger.recordCommitted("t"));
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<CompletableFuture<Boolean>> second = new AtomicReference<>();

        database.transaction().executeWithoutResult(status -> {
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

        assertThat(second.get().get(60, TimeUnit.SECONDS)).isFalse();
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }

    private boolean decideByHand(String transactionId, CheckBackAnswer found, CheckBackAnswer answer) {
        return Boolean.TRUE.equals(
                database.transaction().execute(status -> ledger.decideByHand(transactionId, found, answer)));
    }

    @Test
    void aTransactionThatFencesItselfCommitsItsOtherEffects() {
        database.transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("t");
            database.business("effect");
            ledger.recordRolledBack("t");
        });

        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
        assertThat(database.business()).containsExactly("effect");
    }

    @Test
    void refusesToFenceWhatTheTransactionHasNotRecordedAndToRecordOutsideOfOne() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> database.transaction().executeWithoutResult(s -> ledger.recordRolledBack("t")))
                .withMessageContaining("has not recorded it");
        assertThatExceptionOfType(IllegalTransactionStateException.class).isThrownBy(() -> ledger.recordCommitted("t"));
    }

    @Test
    void resolvesInATransactionOfItsOwn() {
        database.transaction().executeWithoutResult(status -> {
            assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
            status.setRollbackOnly();
        });

        assertThat(database.jdbc().queryForList("SELECT state FROM tally_transaction", String.class))
                .containsExactly("ROLLED_BACK");
    }

    /** Broker and database agree whichever of the two inserts wins; seeds do not matter, the threads race. */
    @Test
    void commitAndCheckBackNeverDisagreeWhenTheyRace() throws Exception {
        AtomicInteger committed = new AtomicInteger();
        AtomicInteger fenced = new AtomicInteger();
        for (int i = 0; i < 60; i++) {
            String id = "race-" + i;
            CountDownLatch start = new CountDownLatch(1);
            CompletableFuture<Boolean> commit = CompletableFuture.supplyAsync(
                    () -> {
                        awaitUninterruptibly(start);
                        try {
                            database.transaction().executeWithoutResult(s -> ledger.recordCommitted(id));
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
            (didCommit ? committed : fenced).incrementAndGet();
        }
        System.out.println("race: committed " + committed + ", fenced " + fenced);
    }

    @Test
    void leavesTheConnectionAsItWasAfterABoundedWait() {
        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
        database.transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("held");
            assertThat(resolveElsewhere("held")).isEqualTo(CheckBackAnswer.UNKNOWN);
        });

        String query = database.dialect().lockWaitRestoreQuery();
        List<String> bounds = java.util.stream.IntStream.range(0, 8)
                .mapToObj(
                        i -> database.jdbc().queryForObject(query != null ? query : "SHOW lock_timeout", String.class))
                .distinct()
                .toList();
        assertThat(bounds).singleElement().asString().doesNotContain("900").doesNotContain("= 1,");
    }

    @Test
    void anUnreachableDatabaseIsNoAnswer() {
        database.jdbc().execute("DROP TABLE tally_transaction");

        assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> ledger.resolve("t"));
        assertThat(new LedgerCheckBack(ledger, new HalfMessageListener() {})
                        .check("t", new dev.tally.message.MessageId("m")))
                .isEqualTo(CheckBackAnswer.UNKNOWN);
    }

    @Test
    void purgesOldRowsInBoundedBatchesAndKeepsYoungOnes() {
        database.transaction().executeWithoutResult(status -> {
            for (int i = 0; i < 5; i++) {
                ledger.recordCommitted("old-" + i);
            }
        });
        database.jdbc().update("UPDATE tally_transaction SET created_at = created_at - INTERVAL '2' HOUR");
        database.transaction().executeWithoutResult(status -> ledger.recordCommitted("young"));

        assertThat(ledger.purge(Duration.ofHours(1), 3)).isEqualTo(3);
        assertThat(database.jdbc()
                        .queryForList("SELECT transaction_id FROM tally_transaction ORDER BY 1", String.class))
                .containsExactly("old-3", "old-4", "young");
        assertThat(ledger.purge(Duration.ofHours(1), 3)).isEqualTo(2);
        assertThat(ledger.purge(Duration.ofHours(1), 3)).isZero();
        assertThat(ledger.purge(Duration.ofHours(3), 3)).isZero();
    }

    @Test
    void purgeLeavesARowThatSomebodyHasLocked() {
        database.transaction().executeWithoutResult(status -> {
            ledger.recordCommitted("a");
            ledger.recordCommitted("b");
        });
        database.transaction().executeWithoutResult(status -> {
            database.jdbc().queryForList("SELECT * FROM tally_transaction WHERE transaction_id = 'a' FOR UPDATE");
            int removed = CompletableFuture.supplyAsync(() -> ledger.purge(Duration.ZERO, 10), other)
                    .join();
            assertThat(removed).isEqualTo(1);
        });

        assertThat(ledger.resolve("a")).isEqualTo(CheckBackAnswer.COMMIT);
    }

    /** More than one statement's worth of keys, by several nodes at once, while transactions go on. */
    @Test
    void nodesThatPurgeAtTheSameTimeFailNeitherEachOtherNorTransactions() throws Exception {
        database.transaction().executeWithoutResult(status -> {
            for (int i = 0; i < 600; i++) {
                ledger.recordCommitted("old-" + i);
            }
        });
        database.jdbc().update("UPDATE tally_transaction SET created_at = created_at - INTERVAL '2' HOUR");
        AtomicInteger removed = new AtomicInteger();
        List<CompletableFuture<Void>> all = new java.util.ArrayList<>();
        for (int node = 0; node < 3; node++) {
            int number = node;
            all.add(CompletableFuture.runAsync(
                    () -> {
                        for (int batch = 0; batch < 3; batch++) {
                            removed.addAndGet(ledger.purge(Duration.ofHours(1), 300));
                        }
                    },
                    other));
            all.add(CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; i < 30; i++) {
                            String id = "old-" + number + "-" + i;
                            database.transaction().executeWithoutResult(s -> ledger.recordCommitted(id));
                        }
                    },
                    other));
        }
        for (CompletableFuture<Void> each : all) {
            each.get(120, TimeUnit.SECONDS);
        }
        while (ledger.purge(Duration.ofHours(1), 300) > 0) {
            removed.addAndGet(1);
        }

        assertThat(database.jdbc().queryForObject("SELECT COUNT(*) FROM tally_transaction", Integer.class))
                .isEqualTo(90);
        assertThat(removed.get()).isPositive();
    }

    static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
