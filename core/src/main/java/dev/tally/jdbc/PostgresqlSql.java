package dev.tally.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL. */
final class PostgresqlSql extends DialectSql {

    static final PostgresqlSql INSTANCE = new PostgresqlSql();

    @Override
    String insertIfAbsent(String insert) {
        return insert + " ON CONFLICT DO NOTHING";
    }

    @Override
    String insertKeysIfAbsent(String table, String owner, String key) {
        return "INSERT INTO " + table + " (" + owner + ", " + key + ") SELECT ?, new.id FROM unnest(?) AS new (id)"
                + " ON CONFLICT DO NOTHING RETURNING " + key;
    }

    /** An update that changes nothing; it is the one way to get the lock without a look at the row in between. */
    @Override
    String orLock(List<String> primaryKey) {
        String first = primaryKey.get(0);
        return " ON CONFLICT (" + String.join(", ", primaryKey) + ") DO UPDATE SET " + first + " = EXCLUDED." + first;
    }

    @Override
    String boundLockWait(Duration limit) {
        return "SET LOCAL lock_timeout = " + limit.toMillis();
    }

    @Override
    @Nullable String lockWaitRestoreQuery() {
        return null;
    }

    @Override
    String lockWaitRestoreQueryWithinTransaction() {
        return "SELECT 'SET LOCAL lock_timeout = ''' || current_setting('lock_timeout') || ''''";
    }

    @Override
    String isOlderThan(String column) {
        return column + " < CURRENT_TIMESTAMP - CAST(? AS BIGINT) * INTERVAL '1 millisecond'";
    }

    /** By the lock that each one holds on its own id: a snapshot names no transaction above the last that has ended. */
    @Override
    String openTransactions() {
        return "SELECT CAST(transactionid AS VARCHAR) FROM pg_locks"
                + " WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted";
    }

    @Override
    boolean isDuplicateKey(SQLException failure) {
        return "23505".equals(failure.getSQLState());
    }

    @Override
    boolean isLockUnavailable(SQLException failure) {
        return "55P03".equals(failure.getSQLState());
    }

    @Override
    boolean isConflict(SQLException failure) {
        return "40001".equals(failure.getSQLState()) || "40P01".equals(failure.getSQLState());
    }
}
