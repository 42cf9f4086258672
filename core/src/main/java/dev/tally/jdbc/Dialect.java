package dev.tally.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
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
    H2("H2", "h2") {

        @Override
        public String insertIfAbsent(String insert) {
            // H2 rolls a failed statement back and leaves its transaction usable; see isDuplicateKey.
            return insert;
        }

        @Override
        public String boundLockWait(Duration limit) {
            return "SET LOCK_TIMEOUT " + limit.toMillis();
        }

        @Override
        public @Nullable String lockWaitToRestore() {
            return "SELECT LOCK_TIMEOUT()";
        }

        @Override
        public boolean isDuplicateKey(SQLException failure) {
            return failure.getErrorCode() == 23505;
        }

        @Override
        public boolean isLockUnavailable(SQLException failure) {
            return failure.getErrorCode() == 50200;
        }
    },

    /** PostgreSQL 14 and later. */
    POSTGRESQL("PostgreSQL", "postgresql") {

        @Override
        public String insertIfAbsent(String insert) {
            return insert + " ON CONFLICT DO NOTHING";
        }

        @Override
        public String boundLockWait(Duration limit) {
            return "SET LOCAL lock_timeout = " + limit.toMillis();
        }

        @Override
        public @Nullable String lockWaitToRestore() {
            return null;
        }

        @Override
        public boolean isDuplicateKey(SQLException failure) {
            return "23505".equals(failure.getSQLState());
        }

        @Override
        public boolean isLockUnavailable(SQLException failure) {
            return "55P03".equals(failure.getSQLState());
        }
    };

    private final String productName;
    private final String id;

    Dialect(String productName, String id) {
        this.productName = productName;
        this.id = id;
    }

    /**
     * The dialect of a database, by the product name that its driver gives. Opens a connection.
     *
     * @throws UnsupportedDatabaseException if it is none of the supported ones
     */
    public static Dialect of(DataSource dataSource) {
        String name;
        try {
            name = JdbcUtils.extractDatabaseMetaData(dataSource, metaData -> metaData.getDatabaseProductName());
        } catch (MetaDataAccessException e) {
            throw new DatabaseUnreachableException(
                    "Cannot find out which database the data source has: no metadata could be read", e);
        }
        for (Dialect dialect : values()) {
            if (dialect.productName.equalsIgnoreCase(name)) {
                return dialect;
            }
        }
        String supported =
                Arrays.stream(values()).map(dialect -> dialect.productName).collect(Collectors.joining(", "));
        throw new UnsupportedDatabaseException(
                "Cannot work with the database '" + name + "': supported are " + supported);
    }

    /** The name of this dialect in folders of schema scripts, for instance {@code postgresql}. */
    public String id() {
        return id;
    }

    /**
     * An {@code INSERT} that leaves the transaction usable where the row is already there: it then either changes no
     * row, or fails so that {@link #isDuplicateKey} says so. A row that another running transaction has inserted is
     * waited for. {@link InsertIfAbsent} runs it.
     *
     * @param insert a plain {@code INSERT INTO ... VALUES (...)}
     */
    public abstract String insertIfAbsent(String insert);

    /** The statement that makes waiting for locks fail after {@code limit}, at least until the transaction ends. */
    public abstract String boundLockWait(Duration limit);

    /**
     * The query for the session's present limit in milliseconds, where {@link #boundLockWait} outlives the transaction
     * and must be taken back; {@code null} where it does not.
     */
    public abstract @Nullable String lockWaitToRestore();

    /** Whether a statement failed because of a row with the same key. */
    public abstract boolean isDuplicateKey(SQLException failure);

    /** Whether a statement failed because it waited too long for another transaction. */
    public abstract boolean isLockUnavailable(SQLException failure);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
