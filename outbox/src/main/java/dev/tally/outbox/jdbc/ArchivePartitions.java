package dev.tally.outbox.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a database divides the archive. Every method is called by one node at a time, in a transaction with bounded waits. */
interface ArchivePartitions {

    /** What has no partition of its own, for {@code FROM}. */
    String rest();

    /** Lets no other node change partitions until {@link #unlock}, or answers false because one does. */
    boolean lock(Connection connection) throws SQLException;

    void unlock(Connection connection) throws SQLException;

    List<ArchivePeriod> present(Connection connection) throws SQLException;

    /** Creates {@code periods}, which lie one behind the other, and behind those that are there. */
    void create(Connection connection, List<ArchivePeriod> periods) throws SQLException;

    void drop(Connection connection, List<ArchivePeriod> periods) throws SQLException;

    static boolean isTrue(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            return result.next() && result.getBoolean(1);
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The periods that {@code query} gives the names of. */
    static List<ArchivePeriod> periods(Connection connection, String query, String prefix) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(query);
                ResultSet result = select.executeQuery()) {
            List<ArchivePeriod> periods = new ArrayList<>();
            while (result.next()) {
                String name = Rows.required(result, "name");
                Optional<ArchivePeriod> period =
                        name.startsWith(prefix) ? ArchivePeriod.of(name.substring(prefix.length())) : Optional.empty();
                period.ifPresent(periods::add);
            }
            return periods;
        }
    }
}
