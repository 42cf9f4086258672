package dev.tally.half;

import dev.tally.message.TallyException;

/**
 * The broker did not take the half messages, and there is no other way configured; the transaction rolls back. Running
 * the business method again is safe.
 *
 * @since 0.1
 */
public class HalfMessagesUnavailableException extends TallyException {

    /** Says what was attempted, and why it cannot be. */
    public HalfMessagesUnavailableException(String message) {
        super("TALLY-HALF-MESSAGES-UNAVAILABLE", message);
    }

    /** The same with a cause. */
    public HalfMessagesUnavailableException(String message, Throwable cause) {
        super("TALLY-HALF-MESSAGES-UNAVAILABLE", message, cause);
    }
}
