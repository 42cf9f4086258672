package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What time it is by the database's clock, the only one that all nodes share. */
final class DatabaseTime {

    private final String select;

    DatabaseTime(Dialect dialect) {
        this.select = "SELECT " + dialect.epochMicros(dialect.now()) + " AS now_micros";
    }

    /** Microseconds since 1970. */
    long micros(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(select);
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("the database does not say what time it is");
            }
            return row.getLong("now_micros");
        }
    }
}
