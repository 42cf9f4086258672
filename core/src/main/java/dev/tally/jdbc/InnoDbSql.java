package dev.tally.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * MySQL and MariaDB, tables in InnoDB.
 *
 * <p>Times are {@code DATETIME(6)} in UTC, and every comparison is made with {@code UTC_TIMESTAMP(6)}: the session's time
 * zone and the driver's idea of it play no part, and neither does the year 2038.
 */
final class InnoDbSql extends DialectSql {

    static final InnoDbSql INSTANCE = new InnoDbSql();

    private static final Set<Integer> DUPLICATE_KEY = Set.of(1062, 1586);
    private static final int CHANGED_SINCE_SNAPSHOT = 1020;
    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final int LOCK_NOT_FREE = 3572;
    private static final int DEADLOCK = 1213;
    private static final int ACCESS_DENIED = 1227;
    private static final int ROLLED_BACK_BY_REPLICATION = 3101;

    /**
     * The statement as it is: InnoDB undoes a statement that finds its key taken, and nothing else of the transaction.
     * {@code INSERT IGNORE} would hide every other failure as well, a value that is too long for instance; {@code ON
     * DUPLICATE KEY UPDATE} counts its rows by an option of the driver, so that a new row cannot be told from an old one.
     * All three wait for a running transaction with the same key, and two that wait can be each other's deadlock when
     * that one rolls back: see {@link #isConflict}.
     */
    @Override
    String insertIfAbsent(String insert) {
        return insert;
    }

    /**
     * Takes an exclusive lock at once, where a plain {@code INSERT} would take a shared one, which two that go on to
     * change the row cannot both raise.
     */
    @Override
    String orLock(List<String> primaryKey) {
        return " ON DUPLICATE KEY UPDATE " + primaryKey.get(0) + " = " + primaryKey.get(0);
    }

    /** Also for the lock that a change of the table takes, which is waited for by another clock (a day by default). */
    @Override
    String boundLockWait(Duration limit) {
        long seconds = Math.max(1, (limit.toMillis() + 999) / 1000);
        return "SET SESSION innodb_lock_wait_timeout = " + seconds + ", SESSION lock_wait_timeout = " + seconds;
    }

    @Override
    String lockWaitRestoreQuery() {
        return "SELECT CONCAT('SET SESSION innodb_lock_wait_timeout = ', @@SESSION.innodb_lock_wait_timeout,"
                + " ', SESSION lock_wait_timeout = ', @@SESSION.lock_wait_timeout)";
    }

    @Override
    String lockWaitRestoreQueryWithinTransaction() {
        return lockWaitRestoreQuery();
    }

    @Override
    String now() {
        return "UTC_TIMESTAMP(6)";
    }

    @Override
    String epoch() {
        return "TIMESTAMP '1970-01-01 00:00:00'";
    }

    @Override
    String ageMillis(String column) {
        return "TIMESTAMPDIFF(MICROSECOND, " + column + ", UTC_TIMESTAMP(6)) DIV 1000";
    }

    @Override
    String epochMicros(String column) {
        return "TIMESTAMPDIFF(MICROSECOND, " + epoch() + ", " + column + ")";
    }

    @Override
    String isOlderThan(String column) {
        return column + " < UTC_TIMESTAMP(6) - INTERVAL (? * 1000) MICROSECOND";
    }

    @Override
    String deleteByPrimaryKey(String table) {
        // The form for several tables, since the one for a single table takes no hint.
        return "DELETE " + table + " FROM " + table + " FORCE INDEX (PRIMARY)";
    }

    @Override
    String lockByPrimaryKey(String columns, String table, String condition) {
        return "SELECT " + columns + " FROM " + table + " FORCE INDEX (PRIMARY) WHERE " + condition
                + " FOR UPDATE SKIP LOCKED";
    }

    @Override
    boolean locksBeforeLimit() {
        return true;
    }

    /** InnoDB shows what it showed last, to whoever asks again within 100 ms. */
    @Override
    String beforeOpenTransactions() {
        return "DO SLEEP(0.2)";
    }

    @Override
    String openTransactions() {
        return "SELECT trx_id FROM information_schema.innodb_trx";
    }

    @Override
    boolean isForbidden(SQLException failure) {
        return failure.getErrorCode() == ACCESS_DENIED;
    }

    @Override
    boolean isDuplicateKey(SQLException failure) {
        return DUPLICATE_KEY.contains(failure.getErrorCode());
    }

    /** MariaDB where {@code innodb_snapshot_isolation} is on, which is the default since 11.6. */
    @Override
    boolean isDuplicateBehindSnapshot(SQLException failure) {
        return failure.getErrorCode() == CHANGED_SINCE_SNAPSHOT;
    }

    @Override
    boolean isLockUnavailable(SQLException failure) {
        return failure.getErrorCode() == LOCK_WAIT_TIMEOUT || failure.getErrorCode() == LOCK_NOT_FREE;
    }

    @Override
    boolean isConflict(SQLException failure) {
        int code = failure.getErrorCode();
        return code == DEADLOCK || code == CHANGED_SINCE_SNAPSHOT || code == ROLLED_BACK_BY_REPLICATION;
    }
}
