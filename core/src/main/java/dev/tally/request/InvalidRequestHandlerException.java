package dev.tally.request;

import dev.tally.message.TallyException;

/**
 * Methods are annotated with {@link IdempotentRequest} that could not keep its promise; start-up ends. The message lists all
 * of them.
 *
 * @since 0.1
 */
public class InvalidRequestHandlerException extends TallyException {

    /** Creates the exception. */
    public InvalidRequestHandlerException(String message) {
        super("TALLY-REQUEST-HANDLER-INVALID", message);
    }
}
