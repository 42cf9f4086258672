package dev.tally.transport.pulsar;

import dev.tally.transport.SendOutcome;
import java.util.concurrent.CompletionException;
import org.apache.pulsar.client.api.PulsarClientException;

/**
 * What a failed send means to the caller.
 *
 * <p>Final is only what is said about the message itself or its topic: illegal (too large for the broker, above all),
 * forbidden, or a topic that was ended. All else may be better next time, a missing topic included.
 */
final class SendFailures {

    private SendFailures() {}

    static SendOutcome.Failed of(Throwable thrown, String what) {
        Throwable cause = unwrapped(thrown);
        return new SendOutcome.Failed(!isFinal(cause), what + ": " + reason(cause), cause);
    }

    static boolean isFinal(Throwable cause) {
        return cause instanceof PulsarClientException.InvalidMessageException
                || cause instanceof PulsarClientException.AuthorizationException
                || cause instanceof PulsarClientException.InvalidTopicNameException
                || cause instanceof PulsarClientException.TopicTerminatedException
                || cause instanceof PulsarClientException.IncompatibleSchemaException
                || cause instanceof IllegalArgumentException;
    }

    /** Whether a producer that failed so sends nothing any more, and another one might. */
    static boolean endsProducer(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        return cause instanceof PulsarClientException.AlreadyClosedException
                || cause instanceof PulsarClientException.NotConnectedException
                || cause instanceof PulsarClientException.ProducerFencedException
                || cause instanceof PulsarClientException.TopicTerminatedException;
    }

    static Throwable unwrapped(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    static String reason(Throwable thrown) {
        String text = thrown.getMessage();
        return text == null ? thrown.getClass().getSimpleName() : text;
    }
}
