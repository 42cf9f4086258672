package dev.tally.jdbc;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Inserts the keys of one owner in the current transaction, those that are there already left out, with as few
 * statements as the database allows. Thread-safe.
 *
 * <p>As {@link InsertIfAbsent}, it waits for a row of another running transaction and leaves the current transaction
 * usable. Where the database can say which rows it inserted, that is one statement; elsewhere it is one as long as all
 * keys are new, and one more for each key if any is not.
 *
 * @since 0.1
 */
public final class InsertKeysIfAbsent {

    /** Keys in one statement at most: far below the databases' limits on parameters. */
    private static final int MOST_IN_ONE = 500;

    private final Dialect dialect;
    private final @Nullable String returning;
    private final String insertInto;
    private final InsertIfAbsent one;

    /**
     * Creates the statements.
     *
     * @param owner the column of what all keys belong to
     * @param key the column of the key; both are the table's primary key, and character strings
     */
    public InsertKeysIfAbsent(Dialect dialect, String table, String owner, String key) {
        this.dialect = dialect;
        this.returning = dialect.insertKeysIfAbsent(table, owner, key);
        this.insertInto = "INSERT INTO " + table + " (" + owner + ", " + key + ") VALUES (?, ?)";
        this.one = new InsertIfAbsent(dialect, insertInto);
    }

    /**
     * Runs the statements, in the order of {@code keys}.
     *
     * @param keys without repetition
     * @return those that are new
     * @throws DataAccessException for any failure but a duplicate key
     */
    public Set<String> insert(JdbcOperations jdbc, String owner, List<String> keys) {
        Set<String> inserted = new HashSet<>();
        for (int from = 0; from < keys.size(); from += MOST_IN_ONE) {
            List<String> some = keys.subList(from, Math.min(keys.size(), from + MOST_IN_ONE));
            inserted.addAll(insertSome(jdbc, owner, some));
        }
        return inserted;
    }

    private Set<String> insertSome(JdbcOperations jdbc, String owner, List<String> keys) {
        if (returning != null) {
            return insertReturning(jdbc, returning, owner, keys);
        }
        if (keys.size() > 1 && insertAllNew(jdbc, owner, keys)) {
            return Set.copyOf(keys);
        }
        Set<String> inserted = new HashSet<>();
        for (String key : keys) {
            if (one.insert(jdbc, owner, key)) {
                inserted.add(key);
            }
        }
        return inserted;
    }

    private static Set<String> insertReturning(JdbcOperations jdbc, String statement, String owner, List<String> keys) {
        return new HashSet<>(jdbc.query(
                connection -> {
                    Array array = connection.createArrayOf("varchar", keys.toArray());
                    PreparedStatement prepared = connection.prepareStatement(statement);
                    prepared.setString(1, owner);
                    prepared.setArray(2, array);
                    return prepared;
                },
                (row, number) -> row.getString(1)));
    }

    /** A statement that fails for one row inserts none, and only it is undone. */
    private boolean insertAllNew(JdbcOperations jdbc, String owner, List<String> keys) {
        String statement = insertInto + String.join("", Collections.nCopies(keys.size() - 1, ", (?, ?)"));
        Object[] arguments = new Object[2 * keys.size()];
        for (int i = 0; i < keys.size(); i++) {
            arguments[2 * i] = owner;
            arguments[2 * i + 1] = keys.get(i);
        }
        try {
            jdbc.update(statement, arguments);
            return true;
        } catch (DataAccessException e) {
            if (SqlFailure.isAny(e, dialect::isDuplicateKey)) {
                return false;
            }
            throw e;
        }
    }
}
