package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxTableStats;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.WaitingRows;
import dev.tally.outbox.operations.ProgressStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people see of the table: what is parked, and how many rows there are. */
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
                        parked.add(rows.parked(row));
                    }
                }
                return parked;
            }
        });
    }

    private static final String COUNT_PARKED = "SELECT COUNT(*) FROM tally_outbox WHERE owner = ?";
    private static final String COUNT_PENDING = "SELECT COUNT(*) FROM tally_outbox WHERE owner <> ?";
    private static final String COUNT_SCHEDULED =
            "SELECT COUNT(*) FROM tally_outbox WHERE owner > '" + ScheduledOwner.FIRST + "' AND owner < ?";

    OutboxTableStats stats(Iterable<String> ownersWithRows) {
        return transactions.run(() -> "count the rows of the outbox", connection -> {
            long parked = count(connection, COUNT_PARKED, EntryTable.PARKED_OWNER);
            long scheduled = count(connection, COUNT_SCHEDULED, ScheduledOwner.AFTER_LAST);
            long pending = count(connection, COUNT_PENDING, EntryTable.PARKED_OWNER) - scheduled;
            return new OutboxTableStats(
                    Math.max(0, pending), parked, oldest(connection, ownersWithRows, blocked(connection)), scheduled);
        });
    }

    private static long count(Connection connection, String sql, String owner) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, owner);
            try (ResultSet result = select.executeQuery()) {
                return result.next() ? result.getLong(1) : 0;
            }
        }
    }

    /** Under which names rows wait behind parked ones: of the keys that are blocked longest, since each costs a look. */
    private static List<String> blocked(Connection connection) throws SQLException {
        List<String> owners = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(WaitingTable.LONGEST_BLOCKED)) {
            select.setInt(1, ProgressStore.BLOCKED_KEYS);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    owners.add(WaitingRows.HELD_PREFIX + row.getLong("parked_id"));
                }
            }
        }
        return owners;
    }

    private @Nullable Duration oldest(Connection connection, Iterable<String> owners, List<String> blocked)
            throws SQLException {
        Duration oldest = null;
        List<String> all = new ArrayList<>(blocked);
        owners.forEach(all::add);
        try (PreparedStatement select = connection.prepareStatement(oldestOfOwner)) {
            for (String owner : all) {
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
