package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.outbox.ParkedEntry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people do with the table: look, count, resume, discard. */
final class ParkedRows {

    private final OwnTransactions transactions;
    private final Rows rows = new Rows();
    private final String select;
    private final String oldestOfOwner;

    ParkedRows(Dialect dialect, OwnTransactions transactions) {
        this.transactions = transactions;
        this.select = "SELECT " + Rows.COLUMNS + ", " + dialect.epochMicros("created_at")
                + " AS created_micros FROM tally_outbox WHERE owner = ? AND id > ? ORDER BY id LIMIT ?";
        this.oldestOfOwner =
                "SELECT " + dialect.ageMillis("created_at") + " FROM tally_outbox WHERE owner = ? ORDER BY id LIMIT 1";
    }

    List<ParkedEntry> parked(long afterId, int limit) {
        return transactions.run(() -> "read parked outbox rows after " + afterId, connection -> {
            try (PreparedStatement select = connection.prepareStatement(this.select)) {
                select.setString(1, EntryTable.PARKED_OWNER);
                select.setLong(2, afterId);
                select.setInt(3, limit);
                List<ParkedEntry> parked = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        parked.add(entry(row));
                    }
                }
                return parked;
            }
        });
    }

    private ParkedEntry entry(ResultSet row) throws SQLException {
        String reason = row.getString("last_error");
        return new ParkedEntry(
                row.getLong("id"),
                rows.message(row),
                row.getInt("attempts"),
                reason == null ? "" : reason,
                Rows.instant(row.getLong("created_micros")));
    }

    private static final String RESUME = """
            UPDATE tally_outbox SET owner = ?, state = 'PENDING', attempts = 0
            WHERE owner = ? AND id = ?
            """;

    boolean resume(long id) {
        return transactions.run(() -> "resume parked outbox row " + id, connection -> {
            try (PreparedStatement update = connection.prepareStatement(RESUME)) {
                update.setString(1, OutboxStore.UNOWNED);
                update.setString(2, EntryTable.PARKED_OWNER);
                update.setLong(3, id);
                return update.executeUpdate() > 0;
            }
        });
    }

    private static final String DISCARD = "DELETE FROM tally_outbox WHERE owner = ? AND id = ?";

    boolean discard(long id) {
        return transactions.run(() -> "discard parked outbox row " + id, connection -> {
            try (PreparedStatement delete = connection.prepareStatement(DISCARD)) {
                delete.setString(1, EntryTable.PARKED_OWNER);
                delete.setLong(2, id);
                return delete.executeUpdate() > 0;
            }
        });
    }

    private static final String COUNT_PARKED = "SELECT COUNT(*) FROM tally_outbox WHERE owner = ?";
    private static final String COUNT_PENDING = "SELECT COUNT(*) FROM tally_outbox WHERE owner <> ?";

    OutboxTableStats stats(Iterable<String> ownersWithRows) {
        return transactions.run(() -> "count the rows of the outbox", connection -> {
            long pending = count(connection, COUNT_PENDING);
            long parked = count(connection, COUNT_PARKED);
            return new OutboxTableStats(pending, parked, oldest(connection, ownersWithRows));
        });
    }

    private static long count(Connection connection, String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, EntryTable.PARKED_OWNER);
            try (ResultSet result = select.executeQuery()) {
                return result.next() ? result.getLong(1) : 0;
            }
        }
    }

    private @Nullable Duration oldest(Connection connection, Iterable<String> owners) throws SQLException {
        Duration oldest = null;
        try (PreparedStatement select = connection.prepareStatement(oldestOfOwner)) {
            for (String owner : owners) {
                select.setString(1, owner);
                try (ResultSet result = select.executeQuery()) {
                    if (result.next()) {
                        Duration age = Duration.ofMillis(result.getLong(1));
                        oldest = oldest == null || age.compareTo(oldest) > 0 ? age : oldest;
                    }
                }
            }
        }
        return oldest;
    }
}
