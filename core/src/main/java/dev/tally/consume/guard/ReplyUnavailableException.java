package dev.tally.consume.guard;

import dev.tally.message.TallyException;

/**
 * A message came again that was handled, and what the method returned then cannot be given back. Nothing changed; the
 * message's effects stand.
 *
 * @since 0.1
 */
public class ReplyUnavailableException extends TallyException {

    private static final String CODE = "TALLY-REPLY-UNAVAILABLE";

    /** Creates the exception. */
    public ReplyUnavailableException(String message) {
        super(CODE, message);
    }

    /** Creates the exception with what failed when the reply was read. */
    public ReplyUnavailableException(String message, Throwable cause) {
        super(CODE, message, cause);
    }
}
