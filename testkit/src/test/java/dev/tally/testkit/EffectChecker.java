package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Compares what the broker's file says with what the business tables say. Since committed effects of a key are counted
 * without gaps, first deliveries must be 1, 2, 3, ... for each key, each with the transaction that committed it.
 */
final class EffectChecker {

    private final JdbcTemplate business;
    private final Path broker;
    private final Map<String, Long> delivered = new HashMap<>();
    private long position;
    private long messages;
    private long duplicates;

    EffectChecker(JdbcTemplate business, Path broker) {
        this.business = business;
        this.broker = broker;
    }

    /** All traffic has ended and the outbox is empty. */
    void check(String run) throws IOException {
        Map<String, String> committed = new HashMap<>();
        business.query(
                "SELECT k, n, tx FROM effect",
                row -> { // once for each row
                    committed.put(row.getString("k") + " " + row.getLong("n"), row.getString("tx"));
                });
        try (RandomAccessFile file = new RandomAccessFile(broker.toFile(), "r")) {
            byte[] rest = new byte[(int) (file.length() - position)];
            file.seek(position);
            file.readFully(rest);
            position += rest.length;
            new String(rest, StandardCharsets.UTF_8).lines().forEach(line -> take(run, line, committed));
        }
        business.query(
                "SELECT k, n FROM counter",
                row -> { // once for each row
                    assertThat(delivered.getOrDefault(row.getString("k"), 0L))
                            .as("delivered of %s, all that committed, %s", row.getString("k"), run)
                            .isEqualTo(row.getLong("n"));
                });
        business.update("DELETE FROM effect");
    }

    private void take(String run, String line, Map<String, String> committed) {
        String[] parts = line.split(" ");
        String key = parts[0];
        long count = Long.parseLong(parts[1]);
        long last = delivered.getOrDefault(key, 0L);
        messages++;
        if (count <= last) {
            duplicates++;
            return;
        }
        assertThat(count)
                .as("first delivery of %s after %s, %s", key, last, run)
                .isEqualTo(last + 1);
        assertThat(parts[2])
                .as("the transaction that committed %s %s, %s", key, count, run)
                .isEqualTo(committed.get(key + " " + count));
        delivered.put(key, count);
    }

    @Override
    public String toString() {
        return "messages=" + messages + " duplicates=" + duplicates;
    }
}
