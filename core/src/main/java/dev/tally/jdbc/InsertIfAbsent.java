package dev.tally.jdbc;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.PreparedStatementSetter;

/**
 * Inserts a row in the current transaction unless there is one with its key. Thread-safe.
 *
 * <p>A row of another running transaction is waited for. The current transaction stays usable whatever the answer; that
 * is the point, since PostgreSQL otherwise refuses every statement after a duplicate key.
 *
 * @since 0.1
 */
public final class InsertIfAbsent {

    private final Dialect dialect;
    private final String statement;

    /**
     * Creates the statement.
     *
     * @param insert a plain {@code INSERT INTO ... VALUES (...)}
     */
    public InsertIfAbsent(Dialect dialect, String insert) {
        this.dialect = dialect;
        this.statement = dialect.insertIfAbsent(insert);
    }

    /**
     * Runs the statement.
     *
     * @return whether the row is new
     * @throws DataAccessException for any failure but a duplicate key
     */
    public boolean insert(JdbcOperations jdbc, Object... arguments) {
        return insert(jdbc, new ArgumentPreparedStatementSetter(arguments));
    }

    /**
     * Runs the statement with arguments of which some may be null.
     *
     * @param arguments sets its parameters
     * @return whether the row is new
     * @throws DataAccessException for any failure but a duplicate key
     */
    public boolean insert(JdbcOperations jdbc, PreparedStatementSetter arguments) {
        try {
            return jdbc.update(statement, arguments) == 1;
        } catch (DataAccessException e) {
            if (SqlFailure.isAny(e, dialect::isDuplicateKey)) {
                return false;
            }
            throw e;
        }
    }
}
