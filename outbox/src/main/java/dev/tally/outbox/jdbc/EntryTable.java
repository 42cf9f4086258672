package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.message.Message;
import dev.tally.outbox.BacklogPage;
import dev.tally.outbox.Fate;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.outbox.RowPlace;
import dev.tally.outbox.WaitingRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
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
    private final SentRows sent;
    private final DatabaseTime time;
    private final Rows rows = new Rows();

    EntryTable(DataSource dataSource, Dialect dialect, OwnTransactions transactions, SentRows sent) {
        this.dataSource = dataSource;
        this.dialect = dialect;
        this.transactions = transactions;
        this.sent = sent;
        this.time = new DatabaseTime(dialect);
    }

    private static final String INSERT = """
            INSERT INTO tally_outbox (owner, message_id, topic, tag, msg_key, type, headers, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """;

    List<OutboxEntry> insert(Function<Message, String> ownerOf, List<Message> messages) {
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            if (!DataSourceUtils.isConnectionTransactional(connection, dataSource)) {
                throw new IllegalTransactionStateException("Cannot store " + messages.size()
                        + " messages in the outbox: the current transaction is not one on the outbox's data source;"
                        + " give Tally the data source that the transaction manager works on");
            }
            return insert(connection, ownerOf, messages);
        } catch (SQLException e) {
            throw new OutboxStoreException(
                    "Cannot store messages " + ids(messages) + " in the outbox: " + e.getMessage()
                            + "; the transaction must roll back",
                    e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    private List<OutboxEntry> insert(Connection connection, Function<Message, String> ownerOf, List<Message> messages)
            throws SQLException {
        List<String> owners = owners(connection, ownerOf, messages);
        try (PreparedStatement insert = connection.prepareStatement(INSERT, new String[] {"id"})) {
            if (messages.size() == 1) {
                rows.bind(insert, owners.get(0), messages.get(0));
                insert.executeUpdate();
            } else {
                for (int i = 0; i < messages.size(); i++) {
                    rows.bind(insert, owners.get(i), messages.get(i));
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            List<OutboxEntry> entries = new ArrayList<>(messages.size());
            try (ResultSet keys = insert.getGeneratedKeys()) {
                for (int i = 0; i < messages.size(); i++) {
                    if (!keys.next()) {
                        throw new SQLException("the database gave back " + entries.size() + " ids for "
                                + messages.size() + " inserted rows");
                    }
                    entries.add(new OutboxEntry(keys.getLong(1), owners.get(i), messages.get(i), 0));
                }
            }
            return entries;
        }
    }

    /** Asks for the time only if a message waits for its own. */
    private List<String> owners(Connection connection, Function<Message, String> ownerOf, List<Message> messages)
            throws SQLException {
        List<String> owners = new ArrayList<>(messages.size());
        long now = 0;
        for (Message message : messages) {
            String owner = ownerOf.apply(message);
            if (owner.equals(WaitingRows.SCHEDULED)) {
                // Rounded up, since times are compared in whole milliseconds, and nothing is due too early.
                now = now == 0 ? time.micros(connection) / 1000 + 1 : now;
                owner = ScheduledOwner.of(message, now);
            }
            owners.add(owner);
        }
        return owners;
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
            LockWait wait = LockWait.bound(connection, dialect, FATE_WAIT);
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
                wait.restore(connection);
            }
        });
    }

    int complete(Map<String, ? extends Collection<Long>> idsByOwner) {
        List<RowPlace> places = new ArrayList<>();
        idsByOwner.forEach((owner, ids) -> ids.forEach(id -> places.add(new RowPlace(id, owner))));
        if (places.isEmpty()) {
            return 0;
        }
        RowsAt at = RowsAt.of(places, dialect);
        return transactions.run(
                () -> "remove " + places.size() + " sent rows of " + idsByOwner.keySet() + " from the outbox",
                connection -> sent.remove(connection, at));
    }

    List<OutboxEntry> read(Collection<RowPlace> places) {
        if (places.isEmpty()) {
            return List.of();
        }
        RowsAt at = RowsAt.of(places, dialect);
        String sql = at.select(Rows.COLUMNS, "");
        ReadRows read = transactions.run(() -> "read " + places.size() + " outbox rows", connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                at.bind(select);
                return ReadRows.of(connection, select, rows);
            }
        });
        return read.logged().entries();
    }

    /** A query of one limited, ordered branch for each owner: a plain IN would sort the whole backlog for every page. */
    static String branches(int owners, String branch) {
        return String.join(" UNION ALL ", Collections.nCopies(owners, branch));
    }

    // Answered from the index alone.
    private static final String PLACES =
            "SELECT id, owner FROM (SELECT id, owner FROM tally_outbox WHERE owner = ? ORDER BY id LIMIT ?) AS branch";

    List<RowPlace> waiting(Collection<String> owners, int limit) {
        if (owners.isEmpty()) {
            return List.of();
        }
        List<String> ordered = owners.stream().sorted().toList();
        String sql = branches(ordered.size(), PLACES) + " ORDER BY id LIMIT ?";
        return transactions.run(() -> "look into " + owners.size() + " outbox lanes", connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                int index = 1;
                for (String owner : ordered) {
                    select.setString(index++, owner);
                    select.setInt(index++, limit);
                }
                select.setInt(index, limit);
                List<RowPlace> places = new ArrayList<>();
                try (ResultSet result = select.executeQuery()) {
                    while (result.next()) {
                        places.add(new RowPlace(result.getLong("id"), Rows.required(result, "owner")));
                    }
                }
                places.sort(Comparator.comparingLong(RowPlace::id));
                return places;
            }
        });
    }

    // Keeper and epoch are part of the condition, so that a node which was fenced while it was paused changes nothing.
    private static final String KEPT = " AND EXISTS (SELECT 1 FROM tally_outbox_node n"
            + " WHERE n.node_id = tally_outbox.owner AND n.keeper = ? AND n.epoch = ?)";

    private static final String RECORD_FAILURE =
            "UPDATE tally_outbox SET attempts = ?, last_error = ? WHERE owner = ? AND id = ?" + KEPT;

    boolean recordFailure(String keeper, long epoch, String owner, long id, int attempts, String reason) {
        return transactions.run(() -> "note failed attempt " + attempts + " of outbox row " + id, connection -> {
            try (PreparedStatement update = connection.prepareStatement(RECORD_FAILURE)) {
                update.setInt(1, attempts);
                update.setString(2, shortened(reason));
                update.setString(3, owner);
                update.setLong(4, id);
                update.setString(5, keeper);
                update.setLong(6, epoch);
                return update.executeUpdate() > 0;
            }
        });
    }

    private static final String PARK = """
            UPDATE tally_outbox SET owner = ?, state = 'PARKED', attempts = ?, last_error = ?
            WHERE owner = ? AND id = ?
            """ + KEPT;

    boolean park(String keeper, long epoch, String owner, long id, int attempts, String reason) {
        return transactions.run(
                () -> "park outbox row " + id + " after " + attempts + " attempts",
                connection -> park(connection, keeper, epoch, owner, id, attempts, reason));
    }

    boolean park(Connection connection, String keeper, long epoch, String owner, long id, int attempts, String reason)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(PARK)) {
            update.setString(1, PARKED_OWNER);
            update.setInt(2, attempts);
            update.setString(3, shortened(reason));
            update.setString(4, owner);
            update.setLong(5, id);
            update.setString(6, keeper);
            update.setLong(7, epoch);
            return update.executeUpdate() > 0;
        }
    }

    static String shortened(String reason) {
        return reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH);
    }

    private static final String BRANCH = "SELECT " + Rows.COLUMNS + " FROM (SELECT " + Rows.COLUMNS
            + " FROM tally_outbox WHERE owner = ? AND id > ? ORDER BY id LIMIT ?) AS branch";

    BacklogPage readAfter(Collection<String> owners, long afterId, int limit) {
        if (owners.isEmpty()) {
            return new BacklogPage(List.of(), afterId, false);
        }
        String sql = branches(owners.size(), BRANCH) + " ORDER BY id LIMIT ?";
        ReadRows read = transactions.run(() -> "read outbox rows of " + owners + " after " + afterId, connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                int index = 1;
                for (String owner : owners) {
                    select.setString(index++, owner);
                    select.setLong(index++, afterId);
                    select.setInt(index++, limit);
                }
                select.setInt(index, limit);
                return ReadRows.of(connection, select, rows);
            }
        });
        List<OutboxEntry> entries = new ArrayList<>(read.logged().entries());
        entries.sort(Comparator.comparingLong(OutboxEntry::id));
        return new BacklogPage(entries, read.highestId(afterId), read.size() == limit);
    }

    private static final String HIGHEST =
            "SELECT id FROM (SELECT id FROM tally_outbox WHERE owner = ? ORDER BY id DESC LIMIT 1) AS branch";

    long highestId(Collection<String> owners) {
        if (owners.isEmpty()) {
            return 0;
        }
        List<String> ordered = owners.stream().sorted().toList();
        String sql = branches(ordered.size(), HIGHEST);
        return transactions.run(() -> "find the end of " + owners.size() + " outbox owners", connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                for (int i = 0; i < ordered.size(); i++) {
                    select.setString(i + 1, ordered.get(i));
                }
                long highest = 0;
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        highest = Math.max(highest, row.getLong("id"));
                    }
                }
                return highest;
            }
        });
    }

    /** The next owner that has rows: by the index, however many rows each has. */
    static final String NEXT_OWNER = "SELECT owner FROM tally_outbox WHERE owner > ? ORDER BY owner LIMIT 1";

    /** Sorts above all lanes and below the names of nodes. */
    private static final String AFTER_LANES = OutboxStore.LANE_PREFIX + "~";

    Set<String> ownersWithRows() {
        return ownersAfter(AFTER_LANES);
    }

    Set<String> ownersAndLanesWithRows() {
        return ownersAfter(PARKED_OWNER);
    }

    private Set<String> ownersAfter(String first) {
        return transactions.run(() -> "find out whose rows are in the outbox", connection -> {
            Set<String> owners = new HashSet<>();
            try (PreparedStatement select = connection.prepareStatement(NEXT_OWNER)) {
                String owner = first;
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
