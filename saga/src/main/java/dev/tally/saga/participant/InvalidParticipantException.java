package dev.tally.saga.participant;

import dev.tally.message.TallyException;

/**
 * There are participants that could never work as promised; start-up ends. The message lists everything that is wrong.
 *
 * @since 0.1
 */
public class InvalidParticipantException extends TallyException {

    /** Creates the exception. */
    public InvalidParticipantException(String message) {
        super("TALLY-SAGA-PARTICIPANT-INVALID", message);
    }
}
