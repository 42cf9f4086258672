package dev.tally.transport.jms;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what a group could not handle into the queue {@code DLQ.<topic>.<group>}, where operators of both brokers look for
 * it, with the reason. Thread-safe.
 */
final class DeadLetters {

    /** Begins what is added to a dead letter. */
    static final String PREFIX = "tally_dead_";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private static final String QUEUE_PREFIX = "DLQ.";

    /** Properties may be of any length; a stack of causes need not be. */
    private static final int LONGEST_REASON = 2_000;

    private final BatchSender sender;
    private final MessageTranslation translation;

    DeadLetters(BatchSender sender, MessageTranslation translation) {
        this.sender = sender;
        this.translation = translation;
    }

    static String queueOf(Subscription subscription) {
        return QUEUE_PREFIX + Names.ofDestination(subscription.topic()).value() + '.' + subscription.group();
    }

    /**
     * Sends a delivery there.
     *
     * @param wire as it came
     * @return whether the broker has confirmed it
     */
    CompletableFuture<Boolean> add(
            jakarta.jms.Message wire, Message message, Subscription subscription, int attempt, String reason) {
        String queue = queueOf(subscription);
        String what = "Cannot dead-letter message " + message.id() + " of topic '" + subscription.topic() + "', group '"
                + subscription.group() + "' to queue '" + queue + "'";
        return sender.send(
                        Names.ofDestination(Names.QUEUE + queue),
                        null,
                        session -> letter(session, wire, message, subscription, attempt, reason),
                        what)
                .thenApply(outcome -> {
                    if (outcome instanceof SendOutcome.Failed failed) {
                        LOG.warn("{}; it is kept and tried again", failed.reason());
                        return false;
                    }
                    LOG.error(
                            "Message dead-lettered messageId={} topic={} group={} attempt={} deadLetterQueue={} reason={}",
                            message.id(),
                            subscription.topic(),
                            subscription.group(),
                            attempt,
                            queue,
                            reason);
                    return true;
                });
    }

    private jakarta.jms.Message letter(
            Session session,
            jakarta.jms.Message wire,
            Message message,
            Subscription subscription,
            int attempt,
            String reason)
            throws JMSException {
        jakarta.jms.Message letter = wire instanceof BytesMessage || wire instanceof TextMessage
                ? translation.toWire(session, message)
                : reused(wire, message);
        letter.setStringProperty(
                PREFIX + "reason", reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason);
        letter.setStringProperty(PREFIX + "topic", subscription.topic());
        letter.setStringProperty(PREFIX + "group", subscription.group());
        letter.setIntProperty(PREFIX + "attempt", attempt);
        return letter;
    }

    /** What another producer sent as an object or a map keeps its body, which Tally's message does not have. */
    private jakarta.jms.Message reused(jakarta.jms.Message wire, Message message) throws JMSException {
        wire.clearProperties();
        translation.writeProperties(wire, message);
        return wire;
    }
}
