package dev.tally.jdbc;

import java.sql.SQLException;
import java.util.function.Predicate;

/**
 * Looks into what Spring has translated.
 *
 * @since 0.1
 */
public final class SqlFailure {

    private static final int DEEPEST = 16;

    private SqlFailure() {}

    /**
     * Whether any SQL exception behind {@code failure} is {@code such}. Not the root cause alone: H2 gives its lock
     * time-out a cause of another kind.
     */
    public static boolean isAny(Throwable failure, Predicate<SQLException> such) {
        Throwable current = failure;
        for (int depth = 0; current != null && depth < DEEPEST; depth++) {
            if (current instanceof SQLException sql && such.test(sql)) {
                return true;
            }
            current = current.getCause();
        }
        return false;
    }
}
