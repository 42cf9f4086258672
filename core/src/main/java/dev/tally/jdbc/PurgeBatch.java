package dev.tally.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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

    /** What the oldest rows are found by. */
    public enum Order {
        /** The age column, which has an index. */
        AGE,
        /** The primary key, which grows with time; the age column needs no index. */
        KEY
    }

    /** Keys named by one statement at most. */
    private static final int CHUNK = 250;

    private final JdbcOperations jdbc;
    private final TransactionTemplate ownTransaction;
    private final Dialect dialect;
    private final String table;
    private final List<String> keyColumns;
    private final String isOld;
    private final String candidates;
    private final String lockOldest;
    private final String delete;

    /**
     * Creates the purge of one table.
     *
     * @param table the table
     * @param keyColumns its primary key, columns of text
     * @param ageColumn a time column that tells how old a row is
     * @param order how the oldest rows are found
     */
    public PurgeBatch(
            JdbcOperations jdbc,
            PlatformTransactionManager transactions,
            Dialect dialect,
            String table,
            List<String> keyColumns,
            String ageColumn,
            Order order) {
        this.jdbc = jdbc;
        this.ownTransaction = new TransactionTemplate(transactions);
        ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        ownTransaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
        this.dialect = dialect;
        this.table = table;
        this.keyColumns = List.copyOf(keyColumns);
        this.isOld = dialect.isOlderThan(ageColumn);
        String select = "SELECT " + key() + " FROM " + table + " WHERE " + isOld + " ORDER BY ";
        this.candidates = select + (order == Order.AGE ? ageColumn : key()) + " LIMIT ?";
        this.lockOldest = select + key() + " LIMIT ? FOR UPDATE SKIP LOCKED";
        this.delete = dialect.deleteByPrimaryKey(table) + " WHERE " + keyIsGiven();
    }

    private String key() {
        return String.join(", ", keyColumns);
    }

    private String keyIsGiven() {
        return String.join(" = ? AND ", keyColumns) + " = ?";
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
            List<Object[]> keys = dialect.locksBeforeLimit()
                    ? lockCandidates(age.toMillis(), limit)
                    : jdbc.query(lockOldest, (row, number) -> key(row), age.toMillis(), limit);
            if (!keys.isEmpty()) {
                jdbc.batchUpdate(delete, keys);
            }
            return keys.size();
        });
        return removed == null ? 0 : removed;
    }

    /**
     * For InnoDB, where the one statement would lock every old row to give back a batch of them: the batch is chosen
     * without locks, and what is still there and free is locked by its keys.
     */
    private List<Object[]> lockCandidates(long ageMillis, int limit) {
        List<Object[]> chosen = new ArrayList<>(jdbc.query(candidates, (row, number) -> key(row), ageMillis, limit));
        chosen.sort((a, b) -> compare(a, b));
        List<Object[]> locked = new ArrayList<>(chosen.size());
        for (int from = 0; from < chosen.size(); from += CHUNK) {
            List<Object[]> chunk = chosen.subList(from, Math.min(from + CHUNK, chosen.size()));
            String named = String.join(" OR ", Collections.nCopies(chunk.size(), "(" + keyIsGiven() + ")"));
            List<Object> parameters = new ArrayList<>();
            chunk.forEach(key -> Collections.addAll(parameters, key));
            parameters.add(ageMillis);
            String lock = dialect.lockByPrimaryKey(key(), table, "(" + named + ") AND " + isOld);
            locked.addAll(jdbc.query(lock, (row, number) -> key(row), parameters.toArray()));
        }
        return locked;
    }

    private static int compare(Object[] a, Object[] b) {
        int compared = 0;
        for (int i = 0; i < a.length && compared == 0; i++) {
            compared = a[i].toString().compareTo(b[i].toString());
        }
        return compared;
    }

    private Object[] key(ResultSet row) throws SQLException {
        Object[] key = new Object[keyColumns.size()];
        for (int i = 0; i < key.length; i++) {
            key[i] = row.getString(i + 1);
        }
        return key;
    }
}
