package dev.tally.saga.engine;

import dev.tally.message.TallyException;

/**
 * There is no saga with that id. Nothing was done.
 *
 * @since 0.1
 */
public final class UnknownSagaException extends TallyException {

    UnknownSagaException(String id) {
        super("TALLY-SAGA-UNKNOWN", "There is no saga " + id + "; nothing was done");
    }
}
