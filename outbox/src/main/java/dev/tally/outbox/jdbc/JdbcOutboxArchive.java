package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.message.MessageId;
import dev.tally.outbox.ArchivedEntry;
import dev.tally.outbox.OutboxArchive;
import dev.tally.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sent rows in {@code tally_outbox_archive}. On PostgreSQL, MySQL and MariaDB it is divided by time, so that purging is
 * dropping; what came when there was no partition for it, and everything on H2, is deleted in batches in the order of ids.
 * Thread-safe, and any number of nodes may do all of it at the same time.
 *
 * @since 0.1
 */
public final class JdbcOutboxArchive implements OutboxArchive {

    private static final Logger log = LoggerFactory.getLogger(JdbcOutboxArchive.class);

    /** Short: whoever waits to change a table lets everybody wait who wants to write into it. */
    private static final Duration LOCK_WAIT = Duration.ofSeconds(1);

    private static final int CHUNK = 250;

    /** How many times as many rows are looked at as are deleted: some were sent long after their ids were given. */
    private static final int LOWEST = 10;

    private final OwnTransactions transactions;
    private final Dialect dialect;
    private final ArchivePartitions partitions;
    private final Rows rows = new Rows();
    private final String find;
    private final String oldInRest;
    private final String deleteFromRest;
    private final DatabaseTime time;
    private final AtomicBoolean refused = new AtomicBoolean();

    private JdbcOutboxArchive(DataSource dataSource, Dialect dialect) {
        this.transactions = new OwnTransactions(OwnTransactions.unwrap(dataSource), dialect);
        this.dialect = dialect;
        this.partitions = switch (dialect) {
            case H2 -> new NoPartitions();
            case POSTGRESQL -> new PostgresqlPartitions();
            case MYSQL, MARIADB -> new InnoDbPartitions();
        };
        this.find = "SELECT id, " + Rows.MESSAGE + ", " + dialect.epochMicros("created_at") + " AS created_micros, "
                + dialect.epochMicros("sent_at") + " AS sent_micros FROM tally_outbox_archive WHERE message_id = ?"
                + " ORDER BY sent_at DESC, id DESC LIMIT 1";
        boolean innoDb = dialect.isMySqlFamily();
        // Sent in about the order of their ids, so that the old ones are among the lowest; all young ones are not
        // looked at.
        this.oldInRest = "SELECT id FROM (SELECT id, sent_at FROM " + partitions.rest()
                + (innoDb ? " FORCE INDEX (PRIMARY)" : "") + " ORDER BY id LIMIT ?) AS lowest WHERE "
                + dialect.isOlderThan("sent_at") + " ORDER BY id LIMIT ?";
        this.deleteFromRest = (innoDb ? "DELETE tally_outbox_archive FROM " : "DELETE FROM ") + partitions.rest()
                + (innoDb ? " FORCE INDEX (PRIMARY)" : "") + " WHERE " + dialect.isOlderThan("sent_at") + " AND id IN ";
        this.time = new DatabaseTime(dialect);
    }

    /**
     * Creates the archive of a data source. Its table must be there when it is used.
     *
     * @param dataSource the data source of the outbox; a connection of its own is taken from it for a moment
     * @param dialect its dialect
     */
    public static JdbcOutboxArchive create(DataSource dataSource, Dialect dialect) {
        return new JdbcOutboxArchive(dataSource, dialect);
    }

    @Override
    public Optional<ArchivedEntry> find(MessageId id) {
        return transactions.run(() -> "find message " + id + " in the outbox archive", connection -> {
            try (PreparedStatement select = connection.prepareStatement(find)) {
                select.setString(1, id.value());
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? Optional.of(entry(row)) : Optional.empty();
                }
            }
        });
    }

    private ArchivedEntry entry(ResultSet row) throws SQLException {
        return new ArchivedEntry(
                row.getLong("id"),
                rows.messageAsFarAsReadable(row),
                row.getInt("attempts"),
                Rows.instant(row.getLong("created_micros")),
                Rows.instant(row.getLong("sent_micros")));
    }

    /**
     * Creates partitions for the time to come, where the database has any and they are missing. Without them nothing is
     * lost and nothing waits: rows go to the partition for the rest, and are deleted from there in batches.
     *
     * @param keep how long rows are kept: up to 92 days a partition has a day, above it a month
     * @return false if other transactions did not let go of the table soon enough; worth another try
     */
    public boolean prepare(Duration keep) {
        return changePartitions("create partitions of the outbox archive", connection -> {
            List<ArchivePeriod> missing = ArchivePlan.missing(partitions.present(connection), now(connection), keep);
            if (!missing.isEmpty()) {
                partitions.create(connection, missing);
                log.info(
                        "outbox archive partitions created from={} to={}",
                        first(missing).from(),
                        last(missing).to());
            }
        });
    }

    private static ArchivePeriod first(List<ArchivePeriod> periods) {
        return periods.get(0);
    }

    private static ArchivePeriod last(List<ArchivePeriod> periods) {
        return periods.get(periods.size() - 1);
    }

    /**
     * Drops partitions of which every row is older than {@code age} by the database's clock, and deletes older rows that
     * have no partition.
     *
     * @param limit rows deleted at most; a partition is dropped whatever it has
     * @return how many rows were deleted; fewer than {@code limit} mean that there are no more, or that others did it
     */
    public int purge(Duration age, int limit) {
        changePartitions("drop partitions of the outbox archive", connection -> {
            List<ArchivePeriod> old = ArchivePlan.old(partitions.present(connection), now(connection), age);
            if (!old.isEmpty()) {
                partitions.drop(connection, old);
                log.info(
                        "outbox archive partitions dropped partitions={} before={}",
                        old.size(),
                        last(old).to());
            }
        });
        return transactions.run(() -> "delete old rows of the outbox archive", connection -> {
            List<Long> ids = oldInRest(connection, age, limit);
            int deleted = 0;
            for (int from = 0; from < ids.size(); from += CHUNK) {
                deleted += delete(connection, age, ids.subList(from, Math.min(from + CHUNK, ids.size())));
            }
            return deleted;
        });
    }

    private List<Long> oldInRest(Connection connection, Duration age, int limit) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(oldInRest)) {
            select.setLong(1, (long) limit * LOWEST);
            select.setLong(2, age.toMillis());
            select.setInt(3, limit);
            List<Long> ids = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getLong(1));
                }
            }
            return ids;
        }
    }

    private int delete(Connection connection, Duration age, List<Long> ids) throws SQLException {
        String sql = deleteFromRest + "(" + String.join(", ", Collections.nCopies(ids.size(), "?")) + ")";
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            int index = 1;
            delete.setLong(index++, age.toMillis());
            for (long id : ids) {
                delete.setLong(index++, id);
            }
            return delete.executeUpdate();
        }
    }

    @FunctionalInterface
    private interface Change {
        void apply(Connection connection) throws SQLException;
    }

    /** Answers false where it is worth another try soon. Nothing that fails here may keep rows from being archived. */
    private boolean changePartitions(String attempted, Change change) {
        try {
            transactions.run(() -> attempted, connection -> {
                LockWait wait = LockWait.bound(connection, dialect, LOCK_WAIT);
                try {
                    boolean alone = partitions.lock(connection);
                    if (alone) {
                        apply(connection, change);
                    }
                    return alone;
                } finally {
                    wait.restore(connection);
                }
            });
            return true;
        } catch (OutboxStoreException e) {
            if (e.getCause() instanceof SQLException cause && dialect.isLockUnavailable(cause)) {
                log.debug("the outbox archive is in use, later to={}", attempted, e);
                return false;
            }
            if (refused.compareAndSet(false, true)) {
                log.warn(
                        "Cannot {}: let the application's user change that table, or do it for it. Until then rows are"
                                + " kept in the partition for the rest, and deleted in batches",
                        attempted,
                        e);
            } else {
                log.debug("again: cannot {}", attempted, e);
            }
            return true;
        }
    }

    private void apply(Connection connection, Change change) throws SQLException {
        try {
            change.apply(connection);
        } finally {
            partitions.unlock(connection);
        }
    }

    private Instant now(Connection connection) throws SQLException {
        return Rows.instant(time.micros(connection));
    }
}
