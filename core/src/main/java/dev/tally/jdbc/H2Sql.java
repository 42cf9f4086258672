package dev.tally.jdbc;

import java.sql.SQLException;
import java.time.Duration;

/** H2. */
final class H2Sql extends DialectSql {

    static final H2Sql INSTANCE = new H2Sql();

    @Override
    String insertIfAbsent(String insert) {
        // H2 rolls a failed statement back and leaves its transaction usable; see isDuplicateKey.
        return insert;
    }

    @Override
    String boundLockWait(Duration limit) {
        return "SET LOCK_TIMEOUT " + limit.toMillis();
    }

    @Override
    String lockWaitRestoreQuery() {
        return "SELECT 'SET LOCK_TIMEOUT ' || LOCK_TIMEOUT()";
    }

    @Override
    String lockWaitRestoreQueryWithinTransaction() {
        return lockWaitRestoreQuery();
    }

    @Override
    String isOlderThan(String column) {
        return column + " < DATEADD(MILLISECOND, -CAST(? AS BIGINT), CURRENT_TIMESTAMP)";
    }

    @Override
    String openTransactions() {
        return "SELECT CAST(SESSION_ID AS VARCHAR) FROM INFORMATION_SCHEMA.SESSIONS WHERE CONTAINS_UNCOMMITTED";
    }

    @Override
    boolean isDuplicateKey(SQLException failure) {
        return failure.getErrorCode() == 23505;
    }

    @Override
    boolean isLockUnavailable(SQLException failure) {
        return failure.getErrorCode() == 50200;
    }

    @Override
    boolean isConflict(SQLException failure) {
        return failure.getErrorCode() == 40001 || failure.getErrorCode() == 90131;
    }
}
