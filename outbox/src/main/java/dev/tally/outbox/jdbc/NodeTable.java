package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.NodesView;
import dev.tally.outbox.OutboxLanesException;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The statements on {@code tally_outbox_node}. Time is the database's, everywhere. */
final class NodeTable {

    private static final Logger log = LoggerFactory.getLogger(NodeTable.class);

    private final Dialect dialect;
    private final OwnTransactions transactions;
    private final String declarePredecessorsDead;
    private final String insert;
    private final String insertNode;
    private final String insertLanes;
    private final String heartbeat;
    private final String owners;
    private final String fence;
    private final String release;

    NodeTable(Dialect dialect, OwnTransactions transactions) {
        this.dialect = dialect;
        this.transactions = transactions;
        String longAgo = dialect.epoch();
        String now = dialect.now();
        this.declarePredecessorsDead = "UPDATE tally_outbox_node SET heartbeat_at = " + longAgo + " WHERE instance = ?";
        this.insert =
                "INSERT INTO tally_outbox_node (node_id, keeper, instance, heartbeat_at) VALUES (?, ?, ?, " + now + ")";
        this.insertNode = "INSERT INTO tally_outbox_node (node_id, keeper, instance, heartbeat_at, seen)"
                + " VALUES (?, ?, ?, " + now + ", ?)";
        this.insertLanes =
                dialect.insertIfAbsent("INSERT INTO tally_outbox_lanes (id, lanes, generation) VALUES (1, ?, 0)");
        this.heartbeat = "UPDATE tally_outbox_node SET heartbeat_at = " + now
                + ", circuit_open = ? WHERE node_id = ? AND keeper = ?";
        this.owners = OWNERS.formatted(dialect.epochMicros("k.heartbeat_at"), dialect.ageMillis("k.heartbeat_at"));
        this.fence = FENCE.formatted(dialect.ageMillis("heartbeat_at"));
        this.release =
                "UPDATE tally_outbox_node SET heartbeat_at = " + longAgo + " WHERE node_id = ? AND keeper = node_id";
    }

    private static final String LANES = "SELECT lanes, generation FROM tally_outbox_lanes WHERE id = 1";
    private static final String NEXT_GENERATION =
            "UPDATE tally_outbox_lanes SET generation = generation + 1 WHERE id = 1";

    private record Lanes(int number, long generation) {}

    private static @Nullable Lanes lanes(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LANES);
                ResultSet row = select.executeQuery()) {
            return row.next() ? new Lanes(row.getInt("lanes"), row.getLong("generation")) : null;
        }
    }

    void requireLanes(int lanes) {
        transactions.run(() -> "read the number of outbox lanes", connection -> {
            Lanes stored = lanes(connection);
            if (stored != null) {
                require(stored, lanes);
            }
            return lanes;
        });
    }

    private static void require(Lanes stored, int lanes) {
        if (stored.number() != lanes) {
            throw new OutboxLanesException("Cannot run an outbox with " + lanes
                    + " lanes: the nodes of this database have "
                    + stored.number() + ", and a key must be in the same lane for all of them. Set the same number, or"
                    + " stop all nodes, let the outbox drain, and delete the row of tally_outbox_lanes");
        }
    }

    long register(String nodeId, String spillOwner, @Nullable String instance, int lanes) {
        return transactions.run(() -> "register outbox node " + nodeId, connection -> {
            // The row of lanes first: registrations wait for each other there, and nowhere else.
            if (update(connection, NEXT_GENERATION) == 0) {
                insertLanes(connection, lanes);
                update(connection, NEXT_GENERATION);
            }
            Lanes stored = Objects.requireNonNull(lanes(connection), "lanes");
            require(stored, lanes);
            if (instance != null) {
                update(connection, declarePredecessorsDead, instance);
            }
            insertNode(connection, nodeId, nodeId, instance, stored.generation());
            insertNode(connection, spillOwner, nodeId, instance, stored.generation());
            return stored.generation();
        });
    }

    private void insertLanes(Connection connection, int lanes) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(insertLanes)) {
            insert.setInt(1, lanes);
            insert.executeUpdate();
        } catch (SQLException e) {
            if (!dialect.isDuplicateKey(e)) {
                throw e;
            }
        }
    }

    private void insertNode(
            Connection connection, String owner, String keeper, @Nullable String instance, long generation)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(insertNode)) {
            insert.setString(1, owner);
            insert.setString(2, keeper);
            insert.setString(3, instance);
            insert.setLong(4, generation);
            insert.executeUpdate();
        }
    }

    boolean heartbeat(String nodeId, boolean circuitOpen) {
        return transactions.run(() -> "write the heartbeat of outbox node " + nodeId, connection -> {
            try (PreparedStatement update = connection.prepareStatement(heartbeat)) {
                update.setInt(1, circuitOpen ? 1 : 0);
                update.setString(2, nodeId);
                update.setString(3, nodeId);
                return update.executeUpdate() == 1;
            }
        });
    }

    // One statement for both, at every heartbeat: so that a pause costs nothing where there is none.
    private static final String LANES_AND_PAUSE = """
            SELECT l.generation, p.id AS pause
            FROM tally_outbox_lanes l
            LEFT JOIN tally_outbox_pause p ON p.id = 1
            WHERE l.id = 1
            """;

    private static final String OWNERS = """
            SELECT o.node_id,
                   o.keeper,
                   o.epoch,
                   o.seen,
                   o.ready,
                   %s AS heartbeat_micros,
                   CASE WHEN k.heartbeat_at IS NOT NULL
                             AND %s <= ?
                        THEN 0 ELSE 1 END AS orphaned
            FROM tally_outbox_node o
            LEFT JOIN tally_outbox_node k ON k.node_id = o.keeper AND k.keeper = k.node_id
            """;

    NodesView view(Duration expiry) {
        return transactions.run(() -> "read the outbox nodes", connection -> {
            // Before the nodes, so that each one up to this generation is among them.
            long current = 0;
            boolean paused = false;
            try (PreparedStatement select = connection.prepareStatement(LANES_AND_PAUSE);
                    ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    current = row.getLong("generation");
                    paused = row.getInt("pause") == 1;
                }
            }
            try (PreparedStatement select = connection.prepareStatement(owners)) {
                select.setLong(1, expiry.toMillis());
                List<OutboxOwner> found = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        long micros = row.getLong("heartbeat_micros");
                        Instant heartbeat = row.wasNull() ? null : Rows.instant(micros);
                        long generation = row.getLong("seen");
                        Long seen = row.wasNull() ? null : generation;
                        found.add(new OutboxOwner(
                                Rows.required(row, "node_id"),
                                Rows.required(row, "keeper"),
                                row.getLong("epoch"),
                                heartbeat,
                                row.getInt("orphaned") == 1,
                                seen,
                                row.getInt("ready") == 1));
                    }
                }
                return new NodesView(current, found, paused);
            }
        });
    }

    // A dead node is fenced by its own row, which is locked first; what else it kept follows in the same transaction.
    private static final String FENCE = """
            UPDATE tally_outbox_node SET keeper = ?, epoch = epoch + 1
            WHERE node_id = ? AND keeper = node_id
              AND %s > ?
            """;

    private static final String IS_UNFENCED =
            "SELECT COUNT(*) FROM tally_outbox_node WHERE node_id = ? AND keeper = node_id";

    private static final String ADOPT = "UPDATE tally_outbox_node SET keeper = ?, epoch = epoch + 1 WHERE keeper = ?";

    boolean adopt(String keeper, String deadKeeper, Duration expiry) {
        return transactions.run(() -> "adopt what outbox node " + deadKeeper + " kept", connection -> {
            int fenced;
            try (PreparedStatement fence = connection.prepareStatement(this.fence)) {
                fence.setString(1, keeper);
                fence.setString(2, deadKeeper);
                fence.setLong(3, expiry.toMillis());
                fenced = fence.executeUpdate();
            }
            if (fenced == 0 && count(connection, IS_UNFENCED, deadKeeper) > 0) {
                return false;
            }
            return update(connection, ADOPT, keeper, deadKeeper) + fenced > 0;
        });
    }

    private static final String ACKNOWLEDGE =
            "UPDATE tally_outbox_node SET seen = ?, ready = ? WHERE node_id = ? AND keeper = node_id";

    boolean acknowledge(String nodeId, long generation, boolean ready) {
        return transactions.run(() -> "note what outbox node " + nodeId + " has seen", connection -> {
            try (PreparedStatement update = connection.prepareStatement(ACKNOWLEDGE)) {
                update.setLong(1, generation);
                update.setInt(2, ready ? 1 : 0);
                update.setString(3, nodeId);
                return update.executeUpdate() == 1;
            }
        });
    }

    private static final String HAND_OVER =
            "UPDATE tally_outbox_node SET keeper = ?, epoch = epoch + 1 WHERE node_id = ? AND keeper = ? AND epoch = ?";

    boolean handOver(String owner, String keeper, long epoch, String to) {
        return transactions.run(() -> "give the outbox owner " + owner + " to " + to, connection -> {
            try (PreparedStatement update = connection.prepareStatement(HAND_OVER)) {
                update.setString(1, to);
                update.setString(2, owner);
                update.setString(3, keeper);
                update.setLong(4, epoch);
                return update.executeUpdate() == 1;
            }
        });
    }

    @Nullable Set<String> openTransactions() {
        try {
            return transactions.run(() -> "find out which transactions are open", connection -> {
                Set<String> open = new HashSet<>();
                String before = dialect.beforeOpenTransactions();
                if (before != null) {
                    update(connection, before);
                }
                try (PreparedStatement select = connection.prepareStatement(dialect.openTransactions());
                        ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        open.add(String.valueOf(row.getString(1)));
                    }
                }
                return open;
            });
        } catch (OutboxStoreException e) {
            if (e.getCause() instanceof SQLException cause && dialect.isForbidden(cause)) {
                log.debug("The database does not tell which transactions are open", e);
                return null;
            }
            throw e;
        }
    }

    boolean adoptUnlisted(String keeper, String owner) {
        try {
            return transactions.run(
                    () -> "adopt the unlisted outbox owner " + owner,
                    connection -> update(connection, insert, owner, keeper, null) == 1);
        } catch (OutboxStoreException e) {
            if (e.getCause() instanceof SQLException cause && dialect.isDuplicateKey(cause)) {
                return false;
            }
            throw e;
        }
    }

    private static final String FORGET = """
            DELETE FROM tally_outbox_node
            WHERE node_id = ? AND keeper = ?
              AND NOT EXISTS (SELECT 1 FROM tally_outbox o WHERE o.owner = tally_outbox_node.node_id)
            """;

    boolean forget(String keeper, String owner) {
        return transactions.run(
                () -> "forget the outbox owner " + owner, connection -> update(connection, FORGET, owner, keeper) == 1);
    }

    private static final String FORGET_ALL = """
            DELETE FROM tally_outbox_node
            WHERE keeper = ?
              AND NOT EXISTS (SELECT 1 FROM tally_outbox o WHERE o.owner = tally_outbox_node.node_id)
            """;

    void release(String nodeId) {
        transactions.run(() -> "release what outbox node " + nodeId + " keeps", connection -> {
            update(connection, FORGET_ALL, nodeId);
            return update(connection, release, nodeId);
        });
    }

    private static int update(Connection connection, String sql, @Nullable String... parameters) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                update.setString(i + 1, parameters[i]);
            }
            return update.executeUpdate();
        }
    }

    private static int count(Connection connection, String sql, String parameter) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, parameter);
            try (ResultSet result = select.executeQuery()) {
                return result.next() ? result.getInt(1) : 0;
            }
        }
    }
}
