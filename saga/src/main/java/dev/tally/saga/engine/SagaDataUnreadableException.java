package dev.tally.saga.engine;

import dev.tally.message.TallyException;

/**
 * A saga's data cannot be read as the class that its definition has. The saga is parked, with its data as it was.
 *
 * @since 0.1
 */
public final class SagaDataUnreadableException extends TallyException {

    SagaDataUnreadableException(String message, Throwable cause) {
        super("TALLY-SAGA-DATA-UNREADABLE", message, cause);
    }
}
