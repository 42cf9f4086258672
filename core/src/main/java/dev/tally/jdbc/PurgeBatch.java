package dev.tally.jdbc;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Removes old rows of one table, a bounded batch at a time. Thread-safe.
 *
 * <p>Rows are locked in the order of their primary key before they are deleted, those that somebody else has locked are
 * left for the next time, and a transaction has READ COMMITTED: neither two purging nodes nor a purge and the traffic can
 * lock each other out.
 *
 * @since 0.1
 */
public final class PurgeBatch {

    private final JdbcOperations jdbc;
    private final TransactionTemplate ownTransaction;
    private final String select;
    private final String delete;
    private final int keyColumns;

    /**
     * Creates the purge of one table.
     *
     * @param table the table
     * @param keyColumns its primary key
     * @param ageColumn a TIMESTAMP WITH TIME ZONE that tells how old a row is
     */
    public PurgeBatch(
            JdbcOperations jdbc,
            PlatformTransactionManager transactions,
            String table,
            List<String> keyColumns,
            String ageColumn) {
        this.jdbc = jdbc;
        this.ownTransaction = new TransactionTemplate(transactions);
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        ownTransaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
        String key = String.join(", ", keyColumns);
        this.select = "SELECT " + key + " FROM " + table + " WHERE " + ageColumn + " < ? ORDER BY " + key
                + " FETCH FIRST ? ROWS ONLY FOR UPDATE SKIP LOCKED";
        this.delete = "DELETE FROM " + table + " WHERE " + String.join(" = ? AND ", keyColumns) + " = ?";
        this.keyColumns = keyColumns.size();
    }

    /**
     * Removes rows older than {@code age} by the database's clock, in a transaction of its own.
     *
     * @param limit rows removed at most
     * @return how many were removed; fewer than {@code limit} mean that there are no more, or that others have them
     */
    public int run(Duration age, int limit) {
        if (age.isNegative() || limit < 1) {
            throw new IllegalArgumentException("Cannot purge " + limit + " rows older than " + age
                    + ": the age must not be negative, the limit must be positive");
        }
        Integer removed = ownTransaction.execute(status -> {
            Timestamp now = jdbc.queryForObject("SELECT CURRENT_TIMESTAMP", Timestamp.class);
            if (now == null) {
                return 0;
            }
            OffsetDateTime horizon = now.toInstant().minus(age).atOffset(java.time.ZoneOffset.UTC);
            List<Object[]> keys = jdbc.query(select, (row, number) -> key(row), horizon, limit);
            if (!keys.isEmpty()) {
                jdbc.batchUpdate(delete, keys);
            }
            return keys.size();
        });
        return removed == null ? 0 : removed;
    }

    private Object[] key(java.sql.ResultSet row) throws java.sql.SQLException {
        Object[] key = new Object[keyColumns];
        for (int i = 0; i < keyColumns; i++) {
            key[i] = row.getString(i + 1);
        }
        return key;
    }
}
