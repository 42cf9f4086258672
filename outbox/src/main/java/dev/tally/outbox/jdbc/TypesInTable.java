package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.StoredType;
import dev.tally.outbox.StoredTypes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts rows by type, of a limited number of rows: there is no index by type, since every insert would pay for it. The
 * parked rows come first, since they stay.
 */
final class TypesInTable {

    private static final String OF_PARKED = """
            SELECT topic, type, format, COUNT(*) AS found FROM (
                SELECT topic, type, format FROM tally_outbox WHERE owner = ? ORDER BY id LIMIT ?
            ) AS first_rows
            GROUP BY topic, type, format
            """;

    // In the order of the index of owners: rows that wait for their time, or behind a parked one.
    private static final String OF_WAITING = """
            SELECT topic, type, format, COUNT(*) AS found FROM (
                SELECT topic, type, format FROM tally_outbox WHERE owner < ? ORDER BY owner, id LIMIT ?
            ) AS first_rows
            GROUP BY topic, type, format
            """;

    private final OwnTransactions transactions;
    private final String ofOthers;

    TypesInTable(Dialect dialect, OwnTransactions transactions) {
        this.transactions = transactions;
        // In the order of the primary key, whichever that is.
        String order = dialect == Dialect.POSTGRESQL ? "owner, id" : "id";
        this.ofOthers = """
                SELECT topic, type, format, COUNT(*) AS found FROM (
                    SELECT topic, type, format FROM tally_outbox %s WHERE owner > ? ORDER BY %s LIMIT ?
                ) AS first_rows
                GROUP BY topic, type, format
                """.formatted(dialect.isMySqlFamily() ? "FORCE INDEX (PRIMARY)" : "", order);
    }

    StoredTypes count(int limit) {
        return transactions.run(() -> "count the types of outbox rows", connection -> {
            Map<StoredType, Long> counts = new TreeMap<>(Comparator.comparing(StoredType::topic)
                    .thenComparing(StoredType::type)
                    .thenComparing(StoredType::format));
            long parked = add(connection, OF_PARKED, limit, counts);
            long others = add(connection, ofOthers, limit, counts);
            long waiting = add(connection, OF_WAITING, limit, counts);
            List<StoredType> types = counts.entrySet().stream()
                    .map(each -> new StoredType(
                            each.getKey().topic(),
                            each.getKey().type(),
                            each.getKey().format(),
                            each.getValue()))
                    .toList();
            return new StoredTypes(types, parked < limit && others < limit && waiting < limit, Rows.FORMAT);
        });
    }

    private static long add(Connection connection, String query, int limit, Map<StoredType, Long> counts)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setString(1, EntryTable.PARKED_OWNER);
            select.setInt(2, limit);
            long all = 0;
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long found = row.getLong("found");
                    StoredType type = new StoredType(
                            Rows.required(row, "topic"), Rows.required(row, "type"), row.getInt("format"), 0);
                    counts.merge(type, found, Long::sum);
                    all += found;
                }
            }
            return all;
        }
    }
}
