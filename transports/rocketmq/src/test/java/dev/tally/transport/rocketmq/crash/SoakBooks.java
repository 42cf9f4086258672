package dev.tally.transport.rocketmq.crash;

import dev.tally.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What the members did, in the database. For each key the number of its last step and how many effects there were: if no
 * step was out of turn and both are the number that was confirmed, each of its messages took effect once, in order.
 */
final class SoakBooks {

    private static final int SHOWN = 20;

    private final JdbcTemplate jdbc;

    SoakBooks(TestDatabase database) {
        this.jdbc = new JdbcTemplate(database.dataSource());
    }

    SoakBooks open(int keys) {
        jdbc.execute("CREATE TABLE progress (k INT PRIMARY KEY, last BIGINT NOT NULL, effects BIGINT NOT NULL)");
        jdbc.execute("CREATE TABLE violation (k INT, n BIGINT, found BIGINT, member VARCHAR(50),"
                + " at TIME DEFAULT LOCALTIME(3))");
        jdbc.update("INSERT INTO progress SELECT k, 0, 0 FROM generate_series(0, ?) AS k", keys - 1);
        return this;
    }

    /** Effects of all keys. */
    long effects() {
        Long sum = jdbc.queryForObject("SELECT SUM(effects) FROM progress", Long.class);
        return sum == null ? 0 : sum;
    }

    /** Steps that were not the next one of their key: come twice, out of order, or after one that is missing. */
    List<String> violations() {
        return jdbc.query(
                "SELECT CAST(at AS VARCHAR), k, n, found, member FROM violation ORDER BY at LIMIT " + SHOWN,
                (row, number) -> row.getString(1) + " key " + row.getInt(2) + ": step " + row.getLong(3) + " came when "
                        + row.getLong(4) + " was the last, at " + row.getString(5));
    }

    /** Keys whose effects are not those that were confirmed. */
    List<String> differences(List<Long> confirmed) {
        List<String> differences = new ArrayList<>();
        jdbc.query("SELECT k, last, effects FROM progress ORDER BY k", row -> {
            long expected = confirmed.get(row.getInt(1));
            if (row.getLong(2) != expected || row.getLong(3) != expected) {
                differences.add("key " + row.getInt(1) + ": " + expected + " confirmed, last step " + row.getLong(2)
                        + ", " + row.getLong(3) + " effects");
            }
        });
        return differences;
    }
}
