package dev.tally.saga.engine;

import dev.tally.message.TallyException;

/**
 * Definitions of sagas that cannot be run; the application does not start.
 *
 * @since 0.1
 */
public final class InvalidSagaException extends TallyException {

    InvalidSagaException(String message) {
        super("TALLY-SAGA-INVALID", message);
    }
}
