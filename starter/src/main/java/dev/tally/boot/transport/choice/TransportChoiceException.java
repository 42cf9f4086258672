package dev.tally.boot.transport.choice;

import dev.tally.message.TallyException;

/**
 * It is not clear which transport the application is to use; start-up ends.
 *
 * @since 0.1
 */
public class TransportChoiceException extends TallyException {

    /** Creates the exception. */
    public TransportChoiceException(String message) {
        super("TALLY-TRANSPORT-CHOICE", message);
    }
}
