package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import dev.tally.outbox.bridge.BridgeState;
import dev.tally.outbox.bridge.OutboxBridge;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

class PostgresBridgeTest extends BridgeBehaviour {

    private static final String ROLE = "bridge_reader";

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }

    @Test
    void needsNoMoreThanTheRightToReadTheOthersTable() {
        for (int i = 0; i < 7; i++) {
            calls.add("t", i, "o" + i);
        }
        bench.jdbc.execute("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '" + ROLE
                + "') THEN CREATE ROLE " + ROLE + " LOGIN; END IF; END $$");
        bench.jdbc.execute("GRANT SELECT ON TXNO_OUTBOX TO " + ROLE);
        bench.jdbc.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tally_outbox, tally_outbox_node,"
                + " tally_outbox_bridge, tally_outbox_bridge_row TO " + ROLE);
        bench.jdbc.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO " + ROLE);
        try (HikariDataSource pool = Pools.open(bench.database.url().replace("user=postgres", "user=" + ROLE))) {
            JdbcTemplate reader = new JdbcTemplate(pool);
            assertThat(reader.queryForObject("SELECT current_user", String.class))
                    .isEqualTo(ROLE);
            assertThatThrownBy(() -> reader.update("UPDATE TXNO_OUTBOX SET attempts = 1"))
                    .isInstanceOf(DataAccessException.class);
            try (OutboxNode node = bench.node(pool)) {
                OutboxBridge bridge = OutboxBridge.over(
                                RecordedCalls.PEER,
                                pool,
                                Dialect.POSTGRESQL,
                                new DataSourceTransactionManager(pool),
                                node.path(),
                                calls.mapping,
                                bench.clock())
                        .settings(BridgeBench.settings())
                        .build();
                assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
            }
        }
        assertThat(bench.stored()).containsExactly("o0", "o1", "o2", "o3", "o4", "o5", "o6");
    }
}
