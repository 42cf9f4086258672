package dev.tally.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answers of a dialect; {@link Dialect} says what is asked. What is answered here is standard SQL. */
abstract class DialectSql {

    abstract String insertIfAbsent(String insert);

    @Nullable String insertKeysIfAbsent(String table, String owner, String key) {
        return null;
    }

    @Nullable String orLock(List<String> primaryKey) {
        return null;
    }

    abstract String boundLockWait(Duration limit);

    abstract @Nullable String lockWaitRestoreQuery();

    abstract String lockWaitRestoreQueryWithinTransaction();

    String now() {
        return "CURRENT_TIMESTAMP";
    }

    String epoch() {
        return "TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00'";
    }

    String ageMillis(String column) {
        return "CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP - " + column + ")) * 1000 AS BIGINT)";
    }

    String epochMicros(String column) {
        return "CAST(EXTRACT(EPOCH FROM " + column + ") * 1000000 AS BIGINT)";
    }

    abstract String isOlderThan(String column);

    String deleteByPrimaryKey(String table) {
        return "DELETE FROM " + table;
    }

    String lockByPrimaryKey(String columns, String table, String condition) {
        return "SELECT " + columns + " FROM " + table + " WHERE " + condition + " FOR UPDATE SKIP LOCKED";
    }

    boolean locksBeforeLimit() {
        return false;
    }

    abstract String openTransactions();

    @Nullable String beforeOpenTransactions() {
        return null;
    }

    boolean isForbidden(SQLException failure) {
        return false;
    }

    abstract boolean isDuplicateKey(SQLException failure);

    boolean isDuplicateBehindSnapshot(SQLException failure) {
        return false;
    }

    abstract boolean isLockUnavailable(SQLException failure);

    abstract boolean isConflict(SQLException failure);
}
