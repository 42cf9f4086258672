package dev.tally.jdbc;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Runs statements of the current transaction that give up soon when another transaction has the row. Thread-safe.
 *
 * @since 0.1
 */
public final class BoundedLockWait {

    private final Dialect dialect;
    private final Duration limit;

    /**
     * Creates the bound.
     *
     * @param limit how long one statement waits at most, in whole milliseconds
     */
    public BoundedLockWait(Dialect dialect, Duration limit) {
        this.dialect = dialect;
        this.limit = limit;
    }

    /**
     * Runs {@code statements} under the bound, on the connection of the current transaction. The session is left as it
     * was found: a pooled connection must not carry the bound into somebody else's transaction.
     */
    public <T> T run(JdbcOperations jdbc, Supplier<T> statements) {
        String query = dialect.lockWaitRestoreQuery();
        if (query == null) {
            jdbc.execute(dialect.boundLockWait(limit));
            return statements.get();
        }
        String restore = jdbc.queryForObject(query, String.class);
        jdbc.execute(dialect.boundLockWait(limit));
        try {
            return statements.get();
        } finally {
            if (restore != null) {
                jdbc.execute(restore);
            }
        }
    }

    /**
     * Runs {@code statements} under the bound, in a transaction in which others run theirs afterwards, without it. After a
     * failure the transaction is to be rolled back.
     */
    public <T> T runFirst(JdbcOperations jdbc, Supplier<T> statements) {
        String restore = jdbc.queryForObject(dialect.lockWaitRestoreQueryWithinTransaction(), String.class);
        jdbc.execute(dialect.boundLockWait(limit));
        T result;
        try {
            result = statements.get();
        } catch (RuntimeException e) {
            restoreAfterFailure(jdbc, restore, e);
            throw e;
        }
        if (restore != null) {
            jdbc.execute(restore);
        }
        return result;
    }

    private void restoreAfterFailure(JdbcOperations jdbc, @Nullable String restore, RuntimeException failure) {
        // Where the bound ends with the transaction, that one takes no more statements after a failure.
        if (restore == null || dialect.lockWaitRestoreQuery() == null) {
            return;
        }
        try {
            jdbc.execute(restore);
        } catch (DataAccessException e) {
            failure.addSuppressed(e);
        }
    }

    /** Whether {@code failure} says that the bound was reached. */
    public boolean isReachedIn(DataAccessException failure) {
        return SqlFailure.isAny(failure, dialect::isLockUnavailable);
    }
}
