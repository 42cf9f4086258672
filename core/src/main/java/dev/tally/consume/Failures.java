package dev.tally.consume;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * What failures of handlers say.
 *
 * @since 0.1
 */
public final class Failures {

    private static final Set<String> OF_A_STOPPING_SERVER = Set.of("57P01", "57P02", "57P03");

    private Failures() {}

    /** For people: the root of it. */
    public static String reasonOf(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        String text = root.getMessage();
        return root.getClass().getSimpleName() + (text == null ? "" : ": " + text);
    }

    /** Whether it says that a database cannot be used now, whatever the message. */
    public static boolean isOutage(Throwable failure) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof CannotCreateTransactionException
                    || each instanceof DataAccessResourceFailureException
                    || each instanceof SQLTransientConnectionException
                    || each instanceof SQLNonTransientConnectionException
                    || each instanceof SQLRecoverableException
                    || (each instanceof SQLException broken && saysThatConnectionsFail(broken.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    /** SQLState class 08 is "connection exception"; PostgreSQL's 57P01 to 57P03 are of a server that stops or starts. */
    private static boolean saysThatConnectionsFail(@Nullable String state) {
        return state != null && (state.startsWith("08") || OF_A_STOPPING_SERVER.contains(state));
    }

    /** Whether the database took the transaction back for another one's sake. */
    public static boolean isConflict(Throwable failure) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConcurrencyFailureException) {
                return true;
            }
        }
        return false;
    }
}
