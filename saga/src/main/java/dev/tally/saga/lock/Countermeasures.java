package dev.tally.saga.lock;

import dev.tally.saga.RefusedException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * For work of steps that must not go on from what is not true any more: sagas are not isolated from one another, and between
 * two steps of one of them others have their turn. To be called in the transaction that changes what was checked, with its row
 * locked, or with the version in the condition of the {@code UPDATE} as well. Thread-safe.
 *
 * @since 0.1
 */
public final class Countermeasures {

    private Countermeasures() {}

    /**
     * Refuses the step if what it changes was changed since the saga has seen it.
     *
     * @param what for people, for instance {@code order 17}
     * @param expected the version that the saga has seen
     * @param actual the version that is there now
     * @throws RefusedException if they differ
     */
    public static void requireVersion(String what, long expected, long actual) {
        if (expected != actual) {
            throw new RefusedException(what + " was changed by somebody else: it has version " + actual
                    + ", the saga has seen version " + expected + "; nothing was changed");
        }
    }

    /**
     * Refuses the step if what the saga has decided by is not so any more.
     *
     * @param what for people, for instance {@code the credit limit of customer 4}
     * @param seen what the saga has seen; a record of all that it has decided by
     * @param actual the same, read again; {@code null} if it is gone
     * @return {@code actual}
     * @throws RefusedException if they are not equal
     */
    public static <T> T reread(String what, T seen, @Nullable T actual) {
        if (actual == null || !Objects.equals(seen, actual)) {
            throw new RefusedException(what + " is not what the saga has seen: it is " + actual + ", it was " + seen
                    + "; nothing was changed");
        }
        return actual;
    }
}
