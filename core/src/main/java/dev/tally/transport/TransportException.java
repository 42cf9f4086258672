package dev.tally.transport;

import dev.tally.message.TallyException;

/**
 * A transport could not do what was asked.
 *
 * @since 0.1
 */
public class TransportException extends TallyException {

    /** Creates the exception. */
    public TransportException(String message) {
        super("TALLY-TRANSPORT", message);
    }

    /** Creates the exception with the client's cause. */
    public TransportException(String message, Throwable cause) {
        super("TALLY-TRANSPORT", message, cause);
    }
}
