package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;

/**
 * What the end of a channel means for a message that was under way on it. The broker closes a channel for one message, and
 * names what was wrong with it; the others on it have done nothing.
 */
final class PublishFailures {

    private PublishFailures() {}

    /** Whether it is this message that the broker never takes: too large for it, or to an exchange that is forbidden. */
    static boolean isFinalFor(Publication publication, ShutdownSignalException cause) {
        if (!(cause.getReason() instanceof AMQP.Channel.Close close)) {
            return false;
        }
        String text = String.valueOf(close.getReplyText());
        return switch (close.getReplyCode()) {
            case BrokerErrors.PRECONDITION_FAILED -> text.contains("message size " + publication.body().length + " ");
            case BrokerErrors.ACCESS_REFUSED ->
                !publication.target().isQueue()
                        && text.contains("exchange '" + publication.target().exchange() + "'");
            default -> false;
        };
    }
}
