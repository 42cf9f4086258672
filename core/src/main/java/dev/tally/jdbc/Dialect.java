package dev.tally.jdbc;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.jdbc.support.MetaDataAccessException;

/**
 * What the supported databases do differently. Answers questions and runs nothing.
 *
 * @since 0.1
 */
public enum Dialect {
    /** H2 2.x, in its regular mode. */
    H2("h2"),

    /** PostgreSQL 14 and later. */
    POSTGRESQL("postgresql"),

    /** MySQL 8.0.17 and later, with InnoDB. */
    MYSQL("mysql"),

    /** MariaDB 10.6 and later, with InnoDB; whichever driver connects to it. */
    MARIADB("mariadb");

    private final String id;

    Dialect(String id) {
        this.id = id;
    }

    private DialectSql sql() {
        return switch (this) {
            case H2 -> H2Sql.INSTANCE;
            case POSTGRESQL -> PostgresqlSql.INSTANCE;
            case MYSQL, MARIADB -> InnoDbSql.INSTANCE;
        };
    }

    /**
     * The dialect of a database, by the product name and version that its driver gives. Opens a connection.
     *
     * @throws UnsupportedDatabaseException if it is none of the supported ones, or too old
     */
    public static Dialect of(DataSource dataSource) {
        try {
            return JdbcUtils.extractDatabaseMetaData(
                    dataSource,
                    (DatabaseMetaData metaData) -> DatabaseProduct.dialectOf(
                            metaData.getDatabaseProductName(), metaData.getDatabaseProductVersion()));
        } catch (MetaDataAccessException e) {
            throw new DatabaseUnreachableException(
                    "Cannot find out which database the data source has: no metadata could be read", e);
        }
    }

    /** The name of this dialect in folders of schema scripts, for instance {@code postgresql}. */
    public String id() {
        return id;
    }

    /** Whether it is MySQL or MariaDB, which differ in their scripts and versions only. */
    public boolean isMySqlFamily() {
        return this == MYSQL || this == MARIADB;
    }

    /**
     * An {@code INSERT} that leaves the transaction usable where the row is already there: it then either changes no
     * row, or fails so that {@link #isDuplicateKey} says so. A row that another running transaction has inserted is
     * waited for. {@link InsertIfAbsent} runs it.
     *
     * @param insert a plain {@code INSERT INTO ... VALUES (...)}
     */
    public String insertIfAbsent(String insert) {
        return sql().insertIfAbsent(insert);
    }

    /**
     * One statement that inserts an owner's keys, those that are there left out, and returns the keys that it inserted;
     * its parameters are the owner and an array of keys. {@code null} where the database cannot do that. {@link
     * InsertKeysIfAbsent} runs it.
     */
    public @Nullable String insertKeysIfAbsent(String table, String owner, String key) {
        return sql().insertKeysIfAbsent(table, owner, key);
    }

    /**
     * What makes an {@code INSERT} of one or more rows lock the rows that are there, until the transaction ends, instead of
     * failing; to be appended to it. A row of another running transaction is waited for. {@code null} where the database
     * has no such thing.
     *
     * @param primaryKey the columns of the table's primary key
     */
    public @Nullable String orLock(List<String> primaryKey) {
        return sql().orLock(primaryKey);
    }

    /**
     * The statement that makes waiting for locks fail after {@code limit}, at least until the transaction ends. MySQL and
     * MariaDB count in seconds, so theirs is rounded up.
     */
    public String boundLockWait(Duration limit) {
        return sql().boundLockWait(limit);
    }

    /**
     * A query for the statement that gives the session its present limits back, where {@link #boundLockWait} outlives the
     * transaction and must be taken back; {@code null} where it does not.
     */
    public @Nullable String lockWaitRestoreQuery() {
        return sql().lockWaitRestoreQuery();
    }

    /**
     * A query for the statement that gives the present limits back within the transaction in which {@link #boundLockWait}
     * was run, as long as that one has not failed.
     */
    public String lockWaitRestoreQueryWithinTransaction() {
        return sql().lockWaitRestoreQueryWithinTransaction();
    }

    /** The time in the type of Tally's time columns, by the database's clock and in UTC. */
    public String now() {
        return sql().now();
    }

    /** The beginning of 1970 in the type of Tally's time columns. */
    public String epoch() {
        return sql().epoch();
    }

    /** An expression for how many milliseconds a time column is behind {@link #now}. */
    public String ageMillis(String column) {
        return sql().ageMillis(column);
    }

    /** An expression for a time column as microseconds since 1970, whatever time zone session and driver have. */
    public String epochMicros(String column) {
        return sql().epochMicros(column);
    }

    /** A condition with one parameter, in milliseconds: a time column is further behind {@link #now} than that. */
    public String isOlderThan(String column) {
        return sql().isOlderThan(column);
    }

    /**
     * A {@code DELETE} without its {@code WHERE}, that looks at no row but those whose primary keys the condition names.
     * What a statement looks at, InnoDB locks: by any other way it would wait for the uncommitted rows of others.
     */
    public String deleteByPrimaryKey(String table) {
        return sql().deleteByPrimaryKey(table);
    }

    /**
     * A {@code SELECT} that locks the rows whose primary keys the condition names, and leaves out those that somebody
     * else has locked.
     */
    public String lockByPrimaryKey(String columns, String table, String condition) {
        return sql().lockByPrimaryKey(columns, table, condition);
    }

    /**
     * Whether a locking {@code SELECT} locks every row that its condition fits, and not only those that remain after
     * {@code ORDER BY} and {@code LIMIT}.
     */
    public boolean locksBeforeLimit() {
        return sql().locksBeforeLimit();
    }

    /**
     * A query for the names of the transactions that are open in the whole database and have written something. A name may
     * be used again. Where the user must not know them, it fails so that {@link #isForbidden} says so.
     */
    public String openTransactions() {
        return sql().openTransactions();
    }

    /** A statement that has to come before {@link #openTransactions}, so that the answer is not an old one, or {@code null}. */
    public @Nullable String beforeOpenTransactions() {
        return sql().beforeOpenTransactions();
    }

    /** Whether a statement failed because the user has no right to it. */
    public boolean isForbidden(SQLException failure) {
        return sql().isForbidden(failure);
    }

    /** Whether a statement failed because of a row with the same key. */
    public boolean isDuplicateKey(SQLException failure) {
        return sql().isDuplicateKey(failure);
    }

    /**
     * Whether an {@code INSERT} failed because a row with its key was committed after the transaction took its snapshot.
     * The transaction is lost then; at a duplicate key it need not be.
     */
    public boolean isDuplicateBehindSnapshot(SQLException failure) {
        return sql().isDuplicateBehindSnapshot(failure);
    }

    /** Whether a statement failed because it waited too long for another transaction. */
    public boolean isLockUnavailable(SQLException failure) {
        return sql().isLockUnavailable(failure);
    }

    /**
     * Whether the database gave the transaction up in favour of another one, as the victim of a deadlock for instance. The
     * same statements may succeed in a new one.
     */
    public boolean isConflict(SQLException failure) {
        return sql().isConflict(failure);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
