package dev.tally.consume;

import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.ConcurrencyFailureException;

/** What failures of handlers say. */
final class Failures {

    private Failures() {}

    /** For people: the root of it. */
    static String reasonOf(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        String text = root.getMessage();
        return root.getClass().getSimpleName() + (text == null ? "" : ": " + text);
    }

    /** Whether the database took the transaction back for another one's sake. */
    static boolean isConflict(Throwable failure) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ConcurrencyFailureException) {
                return true;
            }
        }
        return false;
    }
}
