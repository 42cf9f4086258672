package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.LedgerCheckBack;
import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

/** What Tally's own ledger does to its table and its connections, beside the contract. */
abstract class JdbcLedgerBehaviour extends TransactionLedgerContract {

    @Test
    void leavesItsTombstoneWhereTheTransactionAroundItRollsBack() {
        transaction().executeWithoutResult(status -> {
            assertThat(ledger().resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
            status.setRollbackOnly();
        });

        assertThat(jdbc().queryForList("SELECT state FROM tally_transaction", String.class))
                .containsExactly("ROLLED_BACK");
    }

    @Test
    void leavesTheConnectionAsItWasAfterABoundedWait() {
        assertThat(ledger().resolve("t")).isEqualTo(CheckBackAnswer.ROLLBACK);
        transaction().executeWithoutResult(status -> {
            ledger().recordCommitted("held");
            assertThat(resolveElsewhere("held")).isEqualTo(CheckBackAnswer.UNKNOWN);
        });

        String query = database().dialect().lockWaitRestoreQuery();
        List<String> bounds = IntStream.range(0, 8)
                .mapToObj(i -> jdbc().queryForObject(query != null ? query : "SHOW lock_timeout", String.class))
                .distinct()
                .toList();
        assertThat(bounds).singleElement().asString().doesNotContain("900").doesNotContain("= 1,");
    }

    @Test
    void anUnreachableDatabaseIsNoAnswer() {
        jdbc().execute("DROP TABLE tally_transaction");

        assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> ledger().resolve("t"));
        assertThat(new LedgerCheckBack(ledger(), new HalfMessageListener() {}).check("t", new MessageId("m")))
                .isEqualTo(CheckBackAnswer.UNKNOWN);
    }

    @Test
    void purgesOldRowsInBoundedBatchesAndKeepsYoungOnes() {
        transaction().executeWithoutResult(status -> {
            for (int i = 0; i < 5; i++) {
                ledger().recordCommitted("old-" + i);
            }
        });
        jdbc().update("UPDATE tally_transaction SET created_at = created_at - INTERVAL '2' HOUR");
        transaction().executeWithoutResult(status -> ledger().recordCommitted("young"));

        assertThat(ledger().purge(Duration.ofHours(1), 3)).isEqualTo(3);
        assertThat(jdbc().queryForList("SELECT transaction_id FROM tally_transaction ORDER BY 1", String.class))
                .containsExactly("old-3", "old-4", "young");
        assertThat(ledger().purge(Duration.ofHours(1), 3)).isEqualTo(2);
        assertThat(ledger().purge(Duration.ofHours(1), 3)).isZero();
        assertThat(ledger().purge(Duration.ofHours(3), 3)).isZero();
    }

    @Test
    void purgeLeavesARowThatSomebodyHasLocked() {
        transaction().executeWithoutResult(status -> {
            ledger().recordCommitted("a");
            ledger().recordCommitted("b");
        });
        transaction().executeWithoutResult(status -> {
            jdbc().queryForList("SELECT * FROM tally_transaction WHERE transaction_id = 'a' FOR UPDATE");
            int removed = CompletableFuture.supplyAsync(() -> ledger().purge(Duration.ZERO, 10), other())
                    .join();
            assertThat(removed).isEqualTo(1);
        });

        assertThat(ledger().resolve("a")).isEqualTo(CheckBackAnswer.COMMIT);
    }

    /** More than one statement's worth of keys, by several nodes at once, while transactions go on. */
    @Test
    void nodesThatPurgeAtTheSameTimeFailNeitherEachOtherNorTransactions() throws Exception {
        transaction().executeWithoutResult(status -> {
            for (int i = 0; i < 600; i++) {
                ledger().recordCommitted("old-" + i);
            }
        });
        jdbc().update("UPDATE tally_transaction SET created_at = created_at - INTERVAL '2' HOUR");
        AtomicInteger removed = new AtomicInteger();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int node = 0; node < 3; node++) {
            int number = node;
            all.add(CompletableFuture.runAsync(
                    () -> {
                        for (int batch = 0; batch < 3; batch++) {
                            removed.addAndGet(ledger().purge(Duration.ofHours(1), 300));
                        }
                    },
                    other()));
            all.add(CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; i < 30; i++) {
                            String id = "old-" + number + "-" + i;
                            transaction().executeWithoutResult(s -> ledger().recordCommitted(id));
                        }
                    },
                    other()));
        }
        for (CompletableFuture<Void> each : all) {
            each.get(120, TimeUnit.SECONDS);
        }
        while (ledger().purge(Duration.ofHours(1), 300) > 0) {
            removed.addAndGet(1);
        }

        assertThat(jdbc().queryForObject("SELECT COUNT(*) FROM tally_transaction", Integer.class))
                .isEqualTo(90);
        assertThat(removed.get()).isPositive();
    }
}
