package dev.tally.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Partitions by range on MySQL and MariaDB. New ones are split off from the last one, which is empty as long as that is
 * done ahead; what it has is copied, and completions wait meanwhile.
 */
final class InnoDbPartitions implements ArchivePartitions {

    // Names of locks are the server's, not the database's, and have 64 characters at most.
    private static final String LOCK_NAME = "CONCAT('tally_outbox_archive_', SHA1(DATABASE()))";

    @Override
    public String rest() {
        return "tally_outbox_archive PARTITION (p_rest)";
    }

    @Override
    public boolean lock(Connection connection) throws SQLException {
        return ArchivePartitions.isTrue(connection, "SELECT GET_LOCK(" + LOCK_NAME + ", 0)");
    }

    @Override
    public void unlock(Connection connection) throws SQLException {
        ArchivePartitions.run(connection, "DO RELEASE_LOCK(" + LOCK_NAME + ")");
    }

    @Override
    public List<ArchivePeriod> present(Connection connection) throws SQLException {
        return ArchivePartitions.periods(
                connection,
                "SELECT partition_name AS name FROM information_schema.partitions WHERE table_schema = DATABASE()"
                        + " AND table_name = 'tally_outbox_archive' AND partition_name IS NOT NULL",
                "");
    }

    @Override
    public void create(Connection connection, List<ArchivePeriod> periods) throws SQLException {
        String added = periods.stream()
                .map(period -> "PARTITION " + period.name() + " VALUES LESS THAN ('" + period.to() + " 00:00:00'), ")
                .collect(Collectors.joining());
        ArchivePartitions.run(
                connection,
                "ALTER TABLE tally_outbox_archive REORGANIZE PARTITION p_rest INTO (" + added
                        + "PARTITION p_rest VALUES LESS THAN (MAXVALUE))");
    }

    @Override
    public void drop(Connection connection, List<ArchivePeriod> periods) throws SQLException {
        String names = periods.stream().map(ArchivePeriod::name).collect(Collectors.joining(", "));
        ArchivePartitions.run(connection, "ALTER TABLE tally_outbox_archive DROP PARTITION " + names);
    }
}
