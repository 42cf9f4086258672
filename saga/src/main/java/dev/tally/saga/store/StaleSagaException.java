package dev.tally.saga.store;

import dev.tally.message.TallyException;

/**
 * A saga was changed by somebody else meanwhile. The transaction has to be rolled back, and the work to be done anew.
 *
 * @since 0.1
 */
public final class StaleSagaException extends TallyException {

    /** Says which saga. */
    public StaleSagaException(String message) {
        super("TALLY-SAGA-STALE", message);
    }
}
