package dev.tally.consume.guard;

import dev.tally.message.TallyException;

/**
 * A guarded method was called for a message that has no id, so it cannot be told whether it was handled before. The method
 * was not called. Trying again does not help unless the message changes.
 *
 * @since 0.1
 */
public class MessageIdMissingException extends TallyException {

    private static final String CODE = "TALLY-MESSAGE-ID-MISSING";

    /** Creates the exception. */
    public MessageIdMissingException(String message) {
        super(CODE, message);
    }

    /** Creates the exception with what failed when the id was looked for. */
    public MessageIdMissingException(String message, Throwable cause) {
        super(CODE, message, cause);
    }
}
