package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A bound on how long statements of a transaction wait for locks, and how the connection gets its own back. */
record LockWait(@Nullable String restoration) {

    static LockWait bound(Connection connection, Dialect dialect, Duration limit) throws SQLException {
        String restoration = null;
        String query = dialect.lockWaitRestoreQuery();
        try (Statement statement = connection.createStatement()) {
            if (query != null) {
                try (ResultSet result = statement.executeQuery(query)) {
                    restoration = result.next() ? result.getString(1) : null;
                }
            }
            statement.execute(dialect.boundLockWait(limit));
        }
        return new LockWait(restoration);
    }

    void restore(Connection connection) throws SQLException {
        if (restoration != null) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(restoration);
            }
        }
    }
}
