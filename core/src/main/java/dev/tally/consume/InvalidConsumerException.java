package dev.tally.consume;

import dev.tally.message.TallyException;

/**
 * Methods are annotated with {@link IdempotentConsumer} that could never consume as promised; start-up ends. The message
 * lists all of them.
 *
 * @since 0.1
 */
public class InvalidConsumerException extends TallyException {

    /** Creates the exception. */
    public InvalidConsumerException(String message) {
        super("TALLY-CONSUMER-INVALID", message);
    }
}
