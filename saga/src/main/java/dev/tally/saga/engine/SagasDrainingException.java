package dev.tally.saga.engine;

import dev.tally.message.TallyException;

/**
 * This process starts no sagas any more. Another one may.
 *
 * @since 0.1
 */
public final class SagasDrainingException extends TallyException {

    SagasDrainingException(String message) {
        super("TALLY-SAGA-DRAINING", message);
    }
}
