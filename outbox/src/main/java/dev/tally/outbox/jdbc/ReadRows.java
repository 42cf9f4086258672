package dev.tally.outbox.jdbc;

import dev.tally.outbox.OutboxEntry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a query found: the rows that this version can read, and those that it cannot, which are parked in the same
 * transaction so that the others go on. Not fenced: what cannot be read now cannot be read by whoever keeps the row, and
 * a row that somebody else has taken meanwhile is not found by its owner any more.
 */
record ReadRows(List<OutboxEntry> entries, List<UnreadableRow> unreadable) {

    private static final Logger log = LoggerFactory.getLogger(ReadRows.class);

    private static final String PARK =
            "UPDATE tally_outbox SET owner = ?, state = 'PARKED', last_error = ? WHERE owner = ? AND id = ?";

    static ReadRows of(Connection connection, PreparedStatement select, Rows rows) throws SQLException {
        List<OutboxEntry> entries = new ArrayList<>();
        List<UnreadableRow> unreadable = new ArrayList<>();
        try (ResultSet result = select.executeQuery()) {
            while (result.next()) {
                try {
                    entries.add(rows.entry(result));
                } catch (UnreadableRow e) {
                    unreadable.add(e);
                }
            }
        }
        if (!unreadable.isEmpty()) {
            park(connection, unreadable);
        }
        return new ReadRows(entries, unreadable);
    }

    private static void park(Connection connection, List<UnreadableRow> rows) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(PARK)) {
            for (UnreadableRow row : rows) {
                update.setString(1, EntryTable.PARKED_OWNER);
                update.setString(2, EntryTable.shortened(row.reason()));
                update.setString(3, row.owner());
                update.setLong(4, row.id());
                update.executeUpdate();
            }
        }
    }

    /** Tells of what was parked; after the transaction, which may run several times. */
    ReadRows logged() {
        for (UnreadableRow row : unreadable) {
            log.error(
                    "Outbox row parked, since it cannot be read id={} owner={} reason={}; correct it, then resume or"
                            + " discard it",
                    row.id(),
                    row.owner(),
                    row.reason());
        }
        return this;
    }

    int size() {
        return entries.size() + unreadable.size();
    }

    long highestId(long otherwise) {
        long highest = otherwise;
        for (OutboxEntry entry : entries) {
            highest = Math.max(highest, entry.id());
        }
        for (UnreadableRow row : unreadable) {
            highest = Math.max(highest, row.id());
        }
        return highest;
    }
}
