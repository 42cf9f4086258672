package dev.tally.request;

import dev.tally.message.TallyException;

/**
 * A handler answered more than can be kept for a repeated request. Everything that it did is taken back.
 *
 * @since 0.1
 */
public class ReplyTooLargeException extends TallyException {

    /** Creates the exception. */
    public ReplyTooLargeException(String message) {
        super("TALLY-REQUEST-REPLY-TOO-LARGE", message);
    }
}
