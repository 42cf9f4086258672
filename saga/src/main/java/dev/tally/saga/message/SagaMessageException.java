package dev.tally.saga.message;

import dev.tally.message.TallyException;

/**
 * A message that is no command, or no reply, of a saga; receiving it again will not help.
 *
 * @since 0.1
 */
public final class SagaMessageException extends TallyException {

    SagaMessageException(String message) {
        super("TALLY-SAGA-MESSAGE-INVALID", message);
    }
}
