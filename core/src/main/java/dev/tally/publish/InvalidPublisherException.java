package dev.tally.publish;

import dev.tally.message.TallyException;

/**
 * Methods are annotated with {@link TransactionalPublisher} that could never publish as promised; start-up ends. The
 * message lists all of them.
 *
 * @since 0.1
 */
public class InvalidPublisherException extends TallyException {

    InvalidPublisherException(String message) {
        super("TALLY-PUBLISHER-INVALID", message);
    }
}
