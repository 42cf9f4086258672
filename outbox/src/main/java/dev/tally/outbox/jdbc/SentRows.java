package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What becomes of rows whose messages are sent, in the transaction that completes them. */
abstract class SentRows {

    private static final String KEPT = Rows.MESSAGE + ", created_at";

    private SentRows() {}

    /** Takes the rows out of the outbox, and says how many were there. */
    abstract int remove(Connection connection, RowsAt at) throws SQLException;

    static SentRows deleted(Dialect dialect) {
        return new SentRows() {
            @Override
            int remove(Connection connection, RowsAt at) throws SQLException {
                return update(connection, at.delete(dialect), at);
            }
        };
    }

    static SentRows archived(Dialect dialect) {
        String insert = "INSERT INTO tally_outbox_archive (id, " + KEPT + ", sent_at) ";
        String columns = "id, " + KEPT + ", " + dialect.now();
        return switch (dialect) {
            case POSTGRESQL -> movedByOneStatement(dialect, insert + "SELECT " + columns);
            case MYSQL, MARIADB -> movedByInnoDb(dialect, insert, columns);
            case H2 -> movedByH2(dialect, insert, columns);
        };
    }

    private static SentRows movedByOneStatement(Dialect dialect, String insert) {
        return new SentRows() {
            @Override
            int remove(Connection connection, RowsAt at) throws SQLException {
                String delete = at.delete(dialect) + " RETURNING id, " + KEPT;
                return update(connection, "WITH gone AS (" + delete + ") " + insert + " FROM gone", at);
            }
        };
    }

    /**
     * The rows are locked in the order of their ids before they are copied: a node that has sent the same ones waits, and
     * then finds them gone.
     */
    private static SentRows movedByInnoDb(Dialect dialect, String insert, String columns) {
        return new SentRows() {
            @Override
            int remove(Connection connection, RowsAt at) throws SQLException {
                String select = at.select(columns, "FORCE INDEX (PRIMARY)") + " FOR UPDATE";
                int copied = update(connection, insert + select, at);
                return copied == 0 ? 0 : update(connection, at.delete(dialect), at);
            }
        };
    }

    /** As on InnoDB, but for a statement of its own that locks. */
    private static SentRows movedByH2(Dialect dialect, String insert, String columns) {
        return new SentRows() {
            @Override
            int remove(Connection connection, RowsAt at) throws SQLException {
                lock(connection, at.select("id", "") + " FOR UPDATE", at);
                int copied = update(connection, insert + at.select(columns, ""), at);
                return copied == 0 ? 0 : update(connection, at.delete(dialect), at);
            }
        };
    }

    private static void lock(Connection connection, String sql, RowsAt at) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            at.bind(select);
            select.executeQuery().close();
        }
    }

    private static int update(Connection connection, String sql, RowsAt at) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            at.bind(statement);
            return statement.executeUpdate();
        }
    }
}
