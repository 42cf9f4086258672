package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.DueRows;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements on rows that wait for their time or for a person. */
final class WaitingTable {

    private final OwnTransactions transactions;
    private final EntryTable entries;
    private final String scheduled;
    private final String release;

    WaitingTable(Dialect dialect, OwnTransactions transactions, EntryTable entries) {
        this.transactions = transactions;
        this.entries = entries;
        this.scheduled = SCHEDULED.formatted(dialect.epochMicros(dialect.now()));
        this.release = RELEASE.formatted(dialect.now());
    }

    // By the index of owners alone, from the earliest time on: what is not due yet is looked at in one row.
    private static final String SCHEDULED = """
            SELECT owner, id, %s AS now_micros FROM tally_outbox
            WHERE owner > ? AND owner < ?
            ORDER BY owner, id LIMIT ?
            """;

    // It is late from now on only, so its age counts from now.
    private static final String RELEASE =
            "UPDATE tally_outbox SET owner = ?, state = '" + Rows.DUE + "', created_at = %s WHERE owner = ? AND id = ?";

    /** The ids behind which rows wait, the lowest first. */
    static final String LONGEST_BLOCKED = "SELECT parked_id FROM tally_outbox_blocked ORDER BY parked_id LIMIT ?";

    private record Scheduled(String owner, long id) {}

    private record Look(List<Scheduled> due, @Nullable Duration nextIn) {}

    DueRows releaseDue(String owner, int limit) {
        return transactions.run(() -> "let scheduled outbox rows go that are due", connection -> {
            Look look = look(connection, limit);
            if (look.due().isEmpty()) {
                return new DueRows(0, 0, look.nextIn());
            }
            int released = 0;
            long lowest = Long.MAX_VALUE;
            try (PreparedStatement update = connection.prepareStatement(release)) {
                for (Scheduled row : look.due()) {
                    update.setString(1, owner);
                    update.setString(2, row.owner());
                    update.setLong(3, row.id());
                    update.addBatch();
                }
                int[] counts = update.executeBatch();
                for (int i = 0; i < counts.length; i++) {
                    // What another node has let go meanwhile is not under its old name any more.
                    if (counts[i] != 0) {
                        released++;
                        lowest = Math.min(lowest, look.due().get(i).id());
                    }
                }
            }
            return new DueRows(released, released == 0 ? 0 : lowest, look.nextIn());
        });
    }

    private Look look(Connection connection, int limit) throws SQLException {
        List<Scheduled> due = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(scheduled)) {
            select.setString(1, ScheduledOwner.FIRST);
            select.setString(2, ScheduledOwner.AFTER_LAST);
            select.setInt(3, limit);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String owner = Rows.required(row, "owner");
                    long inMillis = ScheduledOwner.dueMillis(owner) - row.getLong("now_micros") / 1000;
                    if (inMillis > 0) {
                        return new Look(due, Duration.ofMillis(inMillis));
                    }
                    due.add(new Scheduled(owner, row.getLong("id")));
                }
            }
        }
        return new Look(due, due.size() == limit ? Duration.ZERO : null);
    }

    // Locked, so that another node which takes the lane over does it after this, and sees it.
    private static final String LOCK_LANE =
            "SELECT epoch FROM tally_outbox_node WHERE node_id = ? AND keeper = ? AND epoch = ? FOR UPDATE";

    private static boolean keeps(Connection connection, String keeper, long epoch, String lane) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LOCK_LANE)) {
            select.setString(1, lane);
            select.setString(2, keeper);
            select.setLong(3, epoch);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static final String LOCK_MARK = "SELECT parked_id FROM tally_outbox_blocked WHERE parked_id = ? FOR UPDATE";

    private static boolean isMarked(Connection connection, long parkedId) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LOCK_MARK)) {
            select.setLong(1, parkedId);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static final String MARK = "INSERT INTO tally_outbox_blocked (parked_id, lane, msg_key) VALUES (?, ?, ?)";

    boolean block(String keeper, long epoch, OutboxEntry entry, int attempts, String reason) {
        return transactions.run(() -> "park outbox row " + entry.id() + " and block its key", connection -> {
            if (!keeps(connection, keeper, epoch, entry.owner())
                    || !entries.park(connection, keeper, epoch, entry.owner(), entry.id(), attempts, reason)) {
                return false;
            }
            // Marked already if it was resumed and failed again.
            if (!isMarked(connection, entry.id())) {
                try (PreparedStatement insert = connection.prepareStatement(MARK)) {
                    insert.setLong(1, entry.id());
                    insert.setString(2, entry.owner());
                    insert.setString(3, entry.message().key());
                    insert.executeUpdate();
                }
            }
            return true;
        });
    }

    // A key stays blocked while its message is there: parked, or resumed and on its way.
    private static final String BLOCKED = """
            SELECT b.parked_id,
                   b.lane,
                   b.msg_key,
                   CASE WHEN EXISTS (SELECT 1 FROM tally_outbox o WHERE o.owner IN (?, ?, b.lane) AND o.id = b.parked_id)
                        THEN 0 ELSE 1 END AS is_free
            FROM tally_outbox_blocked b
            ORDER BY b.parked_id
            """;

    List<BlockedKey> blockedKeys() {
        return transactions.run(() -> "read the blocked keys of the outbox", connection -> {
            try (PreparedStatement select = connection.prepareStatement(BLOCKED)) {
                select.setString(1, EntryTable.PARKED_OWNER);
                select.setString(2, OutboxStore.UNOWNED);
                List<BlockedKey> keys = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        keys.add(new BlockedKey(
                                row.getLong("parked_id"),
                                Rows.required(row, "lane"),
                                Rows.required(row, "msg_key"),
                                row.getInt("is_free") == 1));
                    }
                }
                return keys;
            }
        });
    }

    private static final String MOVE = "UPDATE tally_outbox SET owner = ? WHERE owner = ? AND id = ?";

    /** Moves rows of a blocked key into or out of their lane. */
    int move(String keeper, long epoch, BlockedKey key, String from, String to, Collection<Long> ids) {
        return transactions.run(
                () -> "move " + ids.size() + " outbox rows behind row " + key.parkedId() + " to " + to, connection -> {
                    // The mark is locked after the lane, as in block: it cannot go while rows come behind it.
                    if (!keeps(connection, keeper, epoch, key.lane()) || !isMarked(connection, key.parkedId())) {
                        return 0;
                    }
                    int moved = 0;
                    try (PreparedStatement update = connection.prepareStatement(MOVE)) {
                        for (long id : ids.stream().sorted().toList()) {
                            update.setString(1, to);
                            update.setString(2, from);
                            update.setLong(3, id);
                            update.addBatch();
                        }
                        for (int count : update.executeBatch()) {
                            moved += count != 0 ? 1 : 0;
                        }
                    }
                    return moved;
                });
    }

    private static final String ANY_BEHIND = "SELECT id FROM tally_outbox WHERE owner = ? ORDER BY id LIMIT 1";
    private static final String UNMARK = "DELETE FROM tally_outbox_blocked WHERE parked_id = ?";

    boolean unblock(BlockedKey key) {
        return transactions.run(() -> "unblock the key behind outbox row " + key.parkedId(), connection -> {
            if (!isMarked(connection, key.parkedId())) {
                return true;
            }
            try (PreparedStatement select = connection.prepareStatement(ANY_BEHIND)) {
                select.setString(1, key.owner());
                try (ResultSet row = select.executeQuery()) {
                    if (row.next()) {
                        return false;
                    }
                }
            }
            try (PreparedStatement delete = connection.prepareStatement(UNMARK)) {
                delete.setLong(1, key.parkedId());
                delete.executeUpdate();
            }
            return true;
        });
    }
}
