package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * Runs short READ COMMITTED transactions on connections of their own, whatever transaction the calling thread has.
 * Connections go back to the pool as they came. A transaction that the database gave up in favour of another one (a
 * deadlock's victim) runs again, a few times.
 */
final class OwnTransactions {

    private static final Logger log = LoggerFactory.getLogger(OwnTransactions.class);

    private static final int ATTEMPTS = 4;

    private final DataSource dataSource;
    private final Dialect dialect;

    OwnTransactions(DataSource dataSource, Dialect dialect) {
        this.dataSource = dataSource;
        this.dialect = dialect;
    }

    /** Statements of one transaction; they change nothing but the database, since they may run again. */
    @FunctionalInterface
    interface Statements<T extends @Nullable Object> {
        T run(Connection connection) throws SQLException;
    }

    <T extends @Nullable Object> T run(Supplier<String> attempted, Statements<T> statements) {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            int isolation = connection.getTransactionIsolation();
            if (isolation != Connection.TRANSACTION_READ_COMMITTED) {
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
            if (autoCommit) {
                connection.setAutoCommit(false);
            }
            try {
                return run(attempted, connection, statements);
            } finally {
                restore(connection, autoCommit, isolation);
            }
        } catch (SQLException e) {
            throw new OutboxStoreException(
                    "Cannot " + attempted.get() + ": " + e.getMessage() + " (SQLState " + e.getSQLState()
                            + "); nothing was changed, unless the connection broke during the commit",
                    e);
        }
    }

    private <T extends @Nullable Object> T run(
            Supplier<String> attempted, Connection connection, Statements<T> statements) throws SQLException {
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            try {
                return runOnce(connection, statements);
            } catch (SQLException e) {
                if (!dialect.isConflict(e)) {
                    throw e;
                }
                log.debug(
                        "gave way to another transaction, trying again attempt={} to={}", attempt, attempted.get(), e);
            }
        }
        return runOnce(connection, statements);
    }

    private static <T extends @Nullable Object> T runOnce(Connection connection, Statements<T> statements)
            throws SQLException {
        try {
            T result = statements.run(connection);
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            rollBack(connection, e);
            throw e;
        }
    }

    private static void rollBack(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static void restore(Connection connection, boolean autoCommit, int isolation) {
        try {
            if (autoCommit) {
                connection.setAutoCommit(true);
            }
            if (isolation != Connection.TRANSACTION_READ_COMMITTED) {
                connection.setTransactionIsolation(isolation);
            }
        } catch (SQLException e) {
            // The connection is broken, so the pool drops it; what the statements did is decided already.
            log.debug("Could not restore a connection that is given back", e);
        }
    }

    /** Transaction managers bind connections to the data source behind this kind of proxy, never to the proxy. */
    static DataSource unwrap(DataSource dataSource) {
        DataSource target = dataSource;
        while (target instanceof TransactionAwareDataSourceProxy proxy && proxy.getTargetDataSource() != null) {
            target = proxy.getTargetDataSource();
        }
        return target;
    }
}
