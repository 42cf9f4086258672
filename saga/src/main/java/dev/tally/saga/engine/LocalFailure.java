package dev.tally.saga.engine;

import dev.tally.message.TallyException;

/** Local work has failed, so the transaction has to be rolled back; then all is done anew with that known. */
final class LocalFailure extends TallyException {

    private final KnownFailures.Attempt attempt;
    private final boolean refused;

    LocalFailure(KnownFailures.Attempt attempt, boolean refused, Throwable cause) {
        super("TALLY-SAGA-LOCAL-STEP-FAILED", reasonOf(cause), cause);
        this.attempt = attempt;
        this.refused = refused;
    }

    KnownFailures.Attempt attempt() {
        return attempt;
    }

    boolean isRefused() {
        return refused;
    }

    private static String reasonOf(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getName() : message;
    }
}
