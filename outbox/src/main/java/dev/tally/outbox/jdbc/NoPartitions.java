package dev.tally.outbox.jdbc;

import java.sql.Connection;
import java.util.List;

/** H2, which has none. */
final class NoPartitions implements ArchivePartitions {

    @Override
    public String rest() {
        return "tally_outbox_archive";
    }

    /** Never: there is nothing to change. */
    @Override
    public boolean lock(Connection connection) {
        return false;
    }

    @Override
    public void unlock(Connection connection) {}

    @Override
    public List<ArchivePeriod> present(Connection connection) {
        return List.of();
    }

    @Override
    public void create(Connection connection, List<ArchivePeriod> periods) {}

    @Override
    public void drop(Connection connection, List<ArchivePeriod> periods) {}
}
