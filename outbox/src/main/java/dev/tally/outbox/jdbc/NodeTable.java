package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements on {@code tally_outbox_node}. Time is the database's, everywhere. */
final class NodeTable {

    private final Dialect dialect;
    private final OwnTransactions transactions;
    private final String declarePredecessorsDead;
    private final String insert;
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
        this.heartbeat = "UPDATE tally_outbox_node SET heartbeat_at = " + now + " WHERE node_id = ? AND keeper = ?";
        this.owners = OWNERS.formatted(dialect.epochMicros("k.heartbeat_at"), dialect.ageMillis("k.heartbeat_at"));
        this.fence = FENCE.formatted(dialect.ageMillis("heartbeat_at"));
        this.release =
                "UPDATE tally_outbox_node SET heartbeat_at = " + longAgo + " WHERE node_id = ? AND keeper = node_id";
    }

    void register(String nodeId, String spillOwner, @Nullable String instance) {
        transactions.run(() -> "register outbox node " + nodeId, connection -> {
            if (instance != null) {
                update(connection, declarePredecessorsDead, instance);
            }
            update(connection, insert, nodeId, nodeId, instance);
            return update(connection, insert, spillOwner, nodeId, instance);
        });
    }

    boolean heartbeat(String nodeId) {
        return transactions.run(
                () -> "write the heartbeat of outbox node " + nodeId,
                connection -> update(connection, heartbeat, nodeId, nodeId) == 1);
    }

    private static final String OWNERS = """
            SELECT o.node_id,
                   o.keeper,
                   %s AS heartbeat_micros,
                   CASE WHEN k.heartbeat_at IS NOT NULL
                             AND %s <= ?
                        THEN 0 ELSE 1 END AS orphaned
            FROM tally_outbox_node o
            LEFT JOIN tally_outbox_node k ON k.node_id = o.keeper AND k.keeper = k.node_id
            """;

    List<OutboxOwner> owners(Duration expiry) {
        return transactions.run(() -> "read the outbox nodes", connection -> {
            try (PreparedStatement select = connection.prepareStatement(owners)) {
                select.setLong(1, expiry.toMillis());
                List<OutboxOwner> found = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        long micros = row.getLong("heartbeat_micros");
                        Instant heartbeat = row.wasNull() ? null : Rows.instant(micros);
                        found.add(new OutboxOwner(
                                Rows.required(row, "node_id"),
                                Rows.required(row, "keeper"),
                                heartbeat,
                                row.getInt("orphaned") == 1));
                    }
                }
                return found;
            }
        });
    }

    // A dead node is fenced by its own row, which is locked first; what else it kept follows in the same transaction.
    private static final String FENCE = """
            UPDATE tally_outbox_node SET keeper = ?
            WHERE node_id = ? AND keeper = node_id
              AND %s > ?
            """;

    private static final String IS_UNFENCED =
            "SELECT COUNT(*) FROM tally_outbox_node WHERE node_id = ? AND keeper = node_id";

    private static final String ADOPT = "UPDATE tally_outbox_node SET keeper = ? WHERE keeper = ?";

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
