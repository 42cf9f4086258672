package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.message.Message;
import dev.tally.outbox.BacklogPage;
import dev.tally.outbox.Fate;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.IllegalTransactionStateException;

/** The statements of the relay on {@code tally_outbox}. */
final class EntryTable {

    /** The owner of rows that wait for a person; sorts below every other, so that the walk over owners begins after it. */
    static final String PARKED_OWNER = "!parked";

    private static final int MAX_REASON_LENGTH = 1000;
    private static final Duration FATE_WAIT = Duration.ofSeconds(1);

    private final DataSource dataSource;
    private final Dialect dialect;
    private final OwnTransactions transactions;
    private final Rows rows = new Rows();

    EntryTable(DataSource dataSource, Dialect dialect, OwnTransactions transactions) {
        this.dataSource = dataSource;
        this.dialect = dialect;
        this.transactions = transactions;
    }

    private static final String INSERT = """
            INSERT INTO tally_outbox (owner, message_id, topic, tag, msg_key, type, headers, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """;

    List<OutboxEntry> insert(String owner, List<Message> messages) {
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            if (!DataSourceUtils.isConnectionTransactional(connection, dataSource)) {
                throw new IllegalTransactionStateException("Cannot store " + messages.size()
                        + " messages in the outbox: the current transaction is not one on the outbox's data source;"
                        + " give Tally the data source that the transaction manager works on");
            }
            return insert(connection, owner, messages);
        } catch (SQLException e) {
            throw new OutboxStoreException(
                    "Cannot store messages " + ids(messages) + " in the outbox: " + e.getMessage()
                            + "; the transaction must roll back",
                    e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    private List<OutboxEntry> insert(Connection connection, String owner, List<Message> messages) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT, new String[] {"id"})) {
            for (Message message : messages) {
                rows.bind(insert, owner, message);
                insert.addBatch();
            }
            insert.executeBatch();
            List<OutboxEntry> entries = new ArrayList<>(messages.size());
            try (ResultSet keys = insert.getGeneratedKeys()) {
                for (Message message : messages) {
                    if (!keys.next()) {
                        throw new SQLException("the database gave back " + entries.size() + " ids for "
                                + messages.size() + " inserted rows");
                    }
                    entries.add(new OutboxEntry(keys.getLong(1), owner, message, 0));
                }
            }
            return entries;
        }
    }

    private static List<String> ids(List<Message> messages) {
        return messages.stream().limit(10).map(message -> message.id().value()).toList();
    }

    private static final String PROBE = """
            INSERT INTO tally_outbox (owner, message_id, topic, type, payload, id)
            VALUES (?, 'probe', 'probe', 'probe', ?, ?)
            """;

    /**
     * Tries to insert a row with the same key, and takes it back. That waits for the transaction in question where it is
     * still open, which a SELECT cannot: a row that is not visible now may be so in a moment.
     */
    Fate fateOf(String owner, long id) {
        return transactions.run(() -> "find out whether outbox row " + id + " was committed", connection -> {
            String restore = boundLockWait(connection);
            try (PreparedStatement probe = connection.prepareStatement(PROBE)) {
                probe.setString(1, owner);
                probe.setBytes(2, new byte[0]);
                probe.setLong(3, id);
                probe.executeUpdate();
                return Fate.ROLLED_BACK;
            } catch (SQLException e) {
                if (dialect.isDuplicateKey(e)) {
                    return Fate.COMMITTED;
                }
                if (dialect.isLockUnavailable(e)) {
                    return Fate.UNDECIDED;
                }
                throw e;
            } finally {
                connection.rollback();
                restoreLockWait(connection, restore);
            }
        });
    }

    private @Nullable String boundLockWait(Connection connection) throws SQLException {
        String restore = null;
        String query = dialect.lockWaitRestoreQuery();
        try (var statement = connection.createStatement()) {
            if (query != null) {
                try (ResultSet result = statement.executeQuery(query)) {
                    restore = result.next() ? result.getString(1) : null;
                }
            }
            statement.execute(dialect.boundLockWait(FATE_WAIT));
        }
        return restore;
    }

    private static void restoreLockWait(Connection connection, @Nullable String restore) throws SQLException {
        if (restore != null) {
            try (var statement = connection.createStatement()) {
                statement.execute(restore);
            }
        }
    }

    int complete(String owner, Collection<Long> ids) {
        if (ids.isEmpty()) {
            return 0;
        }
        // Few different statement texts, so that the driver and the database can keep them prepared.
        int size = Integer.highestOneBit(Math.max(1, ids.size() - 1)) * 2;
        String sql = dialect.deleteByPrimaryKey("tally_outbox") + " WHERE owner = ? AND id IN (?"
                + ", ?".repeat(size - 1) + ")";
        return transactions.run(
                () -> "remove " + ids.size() + " sent rows of " + owner + " from the outbox", connection -> {
                    try (PreparedStatement delete = connection.prepareStatement(sql)) {
                        delete.setString(1, owner);
                        int index = 2;
                        long last = 0;
                        for (long id : ids) {
                            delete.setLong(index++, id);
                            last = id;
                        }
                        while (index < size + 2) {
                            delete.setLong(index++, last);
                        }
                        return delete.executeUpdate();
                    }
                });
    }

    // The keeper is part of the condition, so that a node which was fenced while it was paused changes nothing.
    private static final String KEPT =
            " AND EXISTS (SELECT 1 FROM tally_outbox_node n WHERE n.node_id = tally_outbox.owner AND n.keeper = ?)";

    private static final String RECORD_FAILURE =
            "UPDATE tally_outbox SET attempts = ?, last_error = ? WHERE owner = ? AND id = ?" + KEPT;

    boolean recordFailure(String keeper, String owner, long id, int attempts, String reason) {
        return transactions.run(() -> "note failed attempt " + attempts + " of outbox row " + id, connection -> {
            try (PreparedStatement update = connection.prepareStatement(RECORD_FAILURE)) {
                update.setInt(1, attempts);
                update.setString(2, shortened(reason));
                update.setString(3, owner);
                update.setLong(4, id);
                update.setString(5, keeper);
                return update.executeUpdate() > 0;
            }
        });
    }

    private static final String PARK = """
            UPDATE tally_outbox SET owner = ?, state = 'PARKED', attempts = ?, last_error = ?
            WHERE owner = ? AND id = ?
            """ + KEPT;

    boolean park(String keeper, String owner, long id, int attempts, String reason) {
        return transactions.run(() -> "park outbox row " + id + " after " + attempts + " attempts", connection -> {
            try (PreparedStatement update = connection.prepareStatement(PARK)) {
                update.setString(1, PARKED_OWNER);
                update.setInt(2, attempts);
                update.setString(3, shortened(reason));
                update.setString(4, owner);
                update.setLong(5, id);
                update.setString(6, keeper);
                return update.executeUpdate() > 0;
            }
        });
    }

    private static String shortened(String reason) {
        return reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH);
    }

    // One limited, ordered branch for each owner: a plain IN would sort the whole backlog for every page.
    private static final String BRANCH = "SELECT " + Rows.COLUMNS + " FROM (SELECT " + Rows.COLUMNS
            + " FROM tally_outbox WHERE owner = ? AND id > ? ORDER BY id LIMIT ?) AS branch";

    BacklogPage readAfter(Collection<String> owners, long afterId, int limit) {
        if (owners.isEmpty()) {
            return new BacklogPage(List.of(), afterId, false);
        }
        String sql =
                String.join(" UNION ALL ", owners.stream().map(owner -> BRANCH).toList()) + " ORDER BY id LIMIT ?";
        return transactions.run(() -> "read outbox rows of " + owners + " after " + afterId, connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                int index = 1;
                for (String owner : owners) {
                    select.setString(index++, owner);
                    select.setLong(index++, afterId);
                    select.setInt(index++, limit);
                }
                select.setInt(index, limit);
                List<OutboxEntry> entries = new ArrayList<>();
                try (ResultSet result = select.executeQuery()) {
                    while (result.next()) {
                        entries.add(rows.entry(result));
                    }
                }
                entries.sort(Comparator.comparingLong(OutboxEntry::id));
                long last = entries.isEmpty()
                        ? afterId
                        : entries.get(entries.size() - 1).id();
                return new BacklogPage(entries, last, entries.size() == limit);
            }
        });
    }

    private static final String NEXT_OWNER = "SELECT owner FROM tally_outbox WHERE owner > ? ORDER BY owner LIMIT 1";

    Set<String> ownersWithRows() {
        return transactions.run(() -> "find out whose rows are in the outbox", connection -> {
            Set<String> owners = new HashSet<>();
            try (PreparedStatement select = connection.prepareStatement(NEXT_OWNER)) {
                String owner = PARKED_OWNER;
                while (owner != null) {
                    select.setString(1, owner);
                    try (ResultSet result = select.executeQuery()) {
                        owner = result.next() ? Rows.required(result, "owner") : null;
                    }
                    if (owner != null) {
                        owners.add(owner);
                    }
                }
            }
            return owners;
        });
    }
}
