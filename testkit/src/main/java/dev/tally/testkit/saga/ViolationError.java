package dev.tally.testkit.saga;

/** An invariant does not hold. */
final class ViolationError extends AssertionError {

    ViolationError(String what) {
        super(what);
    }

    ViolationError(String what, Throwable cause) {
        super(what, cause);
    }
}
