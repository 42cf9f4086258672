package dev.tally.testkit;

import static dev.tally.testkit.StoredSagas.T0;
import static dev.tally.testkit.StoredSagas.history;
import static dev.tally.testkit.StoredSagas.saga;
import static dev.tally.testkit.StoredSagas.waking;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.saga.jdbc.JdbcSagaStore;
import dev.tally.saga.store.StoredSaga;
import dev.tally.testkit.scenario.Scenario;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** After an outage 130,000 sagas are due, most of them of a version that this node cannot run; a claim reads a few rows. */
class SagaBacklogTest {

    private static final int BATCH = 50;
    private static final int DOUBLINGS = 16;

    /** Beside what is claimed: what the other node has, twice, and what an index gives before and behind it. */
    private static final long MOST_READ = 30L * BATCH;

    /** Rows that the transaction has read of any table by now, by the server's own count. */
    private static final ToLongFunction<JdbcTemplate> READ_BY_POSTGRES = jdbc -> number(
            jdbc,
            "SELECT COALESCE(SUM(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables"
                    + " WHERE relname = 'tally_saga'");

    private static final ToLongFunction<JdbcTemplate> READ_BY_MARIADB = jdbc -> number(
            jdbc,
            "SELECT SUM(CAST(variable_value AS UNSIGNED)) FROM information_schema.session_status"
                    + " WHERE variable_name LIKE 'HANDLER_READ%'");

    private static long number(JdbcTemplate jdbc, String query) {
        return Objects.requireNonNull(jdbc.queryForObject(query, Long.class));
    }

    @Scenario("saga-47")
    @Test
    void aClaimReadsABoundedNumberOfRowsOnPostgres() {
        claims(PostgresDatabase.create(), "ANALYZE tally_saga", READ_BY_POSTGRES);
    }

    @Scenario("saga-47")
    @Test
    void aClaimReadsABoundedNumberOfRowsOnMariaDb() {
        claims(MariaDbDatabase.create(), "ANALYZE TABLE tally_saga", READ_BY_MARIADB);
    }

    private static void claims(TestDatabase opened, String analyze, ToLongFunction<JdbcTemplate> read) {
        try (TestDatabase database = opened;
                TwoTransactions transactions = new TwoTransactions(database)) {
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            JdbcSagaStore store = new JdbcSagaStore(database.dataSource(), database.dialect());
            transactions.run(() -> {
                StoredSaga mine = waking(saga("m"), T0);
                assertThat(store.insertNew(mine, history(mine))).isTrue();
                StoredSaga foreign =
                        waking(StoredSagas.renamed(saga("f"), "order", 2, "f2"), T0.minusSeconds(1_000_000));
                assertThat(store.insertNew(foreign, history(foreign))).isTrue();
            });
            for (int i = 0; i < DOUBLINGS; i++) {
                multiply(jdbc, (char) ('a' + i), 1L << i);
            }
            jdbc.execute(analyze);
            Instant now = T0.plusSeconds(1_000_000);

            transactions.run(() -> {
                assertThat(store.lockDue("order", Set.of(1), now, BATCH)).hasSize(BATCH);
                TwoTransactions.get(transactions.inAnother(() -> {
                    long before = read.applyAsLong(jdbc);
                    assertThat(store.lockDue("order", Set.of(1, 3), now, BATCH))
                            .hasSize(BATCH)
                            .allMatch(saga -> saga.definitionVersion() == 1);
                    assertThat(read.applyAsLong(jdbc) - before).isPositive().isLessThan(MOST_READ);
                    return true;
                }));
            });
        }
    }

    /** As many again, each a little later. */
    private static void multiply(JdbcTemplate jdbc, char suffix, long later) {
        String same = "definition_version, fingerprint, state, backward, version, steps, data, started_at, saga_name";
        jdbc.update("INSERT INTO tally_saga (saga_id, business_key, wake_at, " + same + ") SELECT CONCAT(saga_id, '"
                + suffix + "'), CONCAT(business_key, '" + suffix + "'), wake_at + " + later + ", " + same
                + " FROM tally_saga");
    }
}
