package dev.tally.benchmarks.consumer;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;

/** An inbox that is written by hand: a table as ours, within the current transaction. */
final class HandInbox {

    private static final List<String> TABLE =
            List.of("""
            CREATE TABLE IF NOT EXISTS bench_inbox (
                consumer_group VARCHAR(255) NOT NULL,
                message_id VARCHAR(64) NOT NULL,
                handled_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
                PRIMARY KEY (consumer_group, message_id))""", "CREATE INDEX IF NOT EXISTS bench_inbox_by_age ON bench_inbox (handled_at)");

    private static final String INSERT =
            "INSERT INTO bench_inbox (consumer_group, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
    private static final String INSERT_ALL = "INSERT INTO bench_inbox (consumer_group, message_id)"
            + " SELECT ?, id FROM unnest(?) AS id ON CONFLICT DO NOTHING RETURNING message_id";

    private final JdbcTemplate jdbc;

    HandInbox(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    void createTable() {
        TABLE.forEach(jdbc::execute);
    }

    /** Whether it is new. */
    boolean insert(String id) {
        return jdbc.update(INSERT, ConsumerApplication.GROUP, id) == 1;
    }

    /** Those that are new. */
    Set<String> insert(List<String> ids) {
        // In one order in all batches, or two with common messages would be each other's deadlock.
        String[] inOrder = ids.stream().sorted().toArray(String[]::new);
        return new HashSet<>(jdbc.query(
                connection -> {
                    Array array = connection.createArrayOf("varchar", inOrder);
                    PreparedStatement prepared = connection.prepareStatement(INSERT_ALL);
                    prepared.setString(1, ConsumerApplication.GROUP);
                    prepared.setArray(2, array);
                    return prepared;
                },
                (row, number) -> row.getString(1)));
    }
}
