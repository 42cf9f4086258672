package dev.tally.saga.engine;

import dev.tally.message.TallyException;

/**
 * What somebody wanted to do with a saga is not possible as it is now. Nothing was changed.
 *
 * @since 0.1
 */
public final class SagaActRefusedException extends TallyException {

    SagaActRefusedException(String message) {
        super("TALLY-SAGA-ACT-REFUSED", message);
    }
}
