package dev.tally.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that are attached to the archive. A table is filled with what it inherits before it is attached, since that locks
 * out nobody who writes into the others, as creating it in its place would.
 */
final class PostgresqlPartitions implements ArchivePartitions {

    private static final Logger log = LoggerFactory.getLogger(PostgresqlPartitions.class);

    private static final String PREFIX = "tally_outbox_archive_";

    /** Rows of the period lie in the default partition; a partition that somebody else made overlaps. */
    private static final Set<String> TAKEN = Set.of("23514", "42P17");

    @Override
    public String rest() {
        return "tally_outbox_archive_rest";
    }

    @Override
    public boolean lock(Connection connection) throws SQLException {
        return ArchivePartitions.isTrue(
                connection,
                "SELECT pg_try_advisory_xact_lock(hashtextextended('tally_outbox_archive',"
                        + " CAST(CAST('tally_outbox_archive' AS regclass) AS oid)::bigint))");
    }

    /** Goes with the transaction. */
    @Override
    public void unlock(Connection connection) {}

    @Override
    public List<ArchivePeriod> present(Connection connection) throws SQLException {
        return ArchivePartitions.periods(
                connection,
                "SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                        + " WHERE i.inhparent = CAST('tally_outbox_archive' AS regclass)",
                PREFIX);
    }

    @Override
    public void create(Connection connection, List<ArchivePeriod> periods) throws SQLException {
        for (ArchivePeriod period : periods) {
            Savepoint before = connection.setSavepoint();
            try {
                create(connection, period);
            } catch (SQLException e) {
                connection.rollback(before);
                if (!TAKEN.contains(e.getSQLState())) {
                    throw e;
                }
                log.debug("rows of the period stay where they are period={}", period.name(), e);
            }
        }
    }

    private static void create(Connection connection, ArchivePeriod period) throws SQLException {
        String table = PREFIX + period.name();
        ArchivePartitions.run(connection, "CREATE TABLE " + table + " (LIKE tally_outbox_archive INCLUDING ALL)");
        ArchivePartitions.run(
                connection,
                "ALTER TABLE tally_outbox_archive ATTACH PARTITION " + table + " FOR VALUES FROM ("
                        + midnight(period.from()) + ") TO (" + midnight(period.to()) + ")");
    }

    private static String midnight(LocalDate day) {
        return "'" + day + " 00:00:00+00'";
    }

    @Override
    public void drop(Connection connection, List<ArchivePeriod> periods) throws SQLException {
        for (ArchivePeriod period : periods) {
            ArchivePartitions.run(connection, "DROP TABLE IF EXISTS " + PREFIX + period.name());
        }
    }
}
