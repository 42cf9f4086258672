package dev.tally.message;

/**
 * Bytes that arrived are not what the handler takes. Trying again will not help; the message is dead-lettered.
 *
 * @since 0.1
 */
public class PayloadUnreadableException extends TallyException {

    /** Creates the exception with a message that names the ids and types. */
    public PayloadUnreadableException(String message) {
        super("TALLY-PAYLOAD-UNREADABLE", message);
    }

    /** Creates the exception with a message that names the ids and types, and the parser's cause. */
    public PayloadUnreadableException(String message, Throwable cause) {
        super("TALLY-PAYLOAD-UNREADABLE", message, cause);
    }
}
