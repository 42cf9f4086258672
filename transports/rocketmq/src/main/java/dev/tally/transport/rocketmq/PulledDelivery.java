package dev.tally.transport.rocketmq;

import dev.tally.consume.dispatch.Delivery;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.time.Instant;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;

/**
 * A message that the client has pulled. It counts as consumed when it took effect, or when the broker has taken it back;
 * until then its queue is not acknowledged beyond it.
 */
final class PulledDelivery implements Delivery {

    /** Where deliveries end. */
    interface Ending {

        /** The broker need not deliver it again. */
        void consumed(MessageExt message);

        /** The broker did not take it; {@code again} is to be run some time later. */
        void notTaken(Runnable again);
    }

    private final MessageExt message;
    private final ReceivedMessage received;
    private final Subscription subscription;
    private final HandBack handBack;
    private final Ending ending;

    PulledDelivery(
            MessageExt message, ReceivedMessage received, Subscription subscription, HandBack handBack, Ending ending) {
        this.message = message;
        this.received = received;
        this.subscription = subscription;
        this.handBack = handBack;
        this.ending = ending;
    }

    /** What the client has pulled, as it is handed to handlers. */
    static ReceivedMessage received(MessageExt pulled, MessageTranslation translation) {
        return new ReceivedMessage(translation.fromWire(pulled), pulled.getReconsumeTimes() + 1, firstStoredAt(pulled));
    }

    /**
     * When its broker stored it; of one that was given back and comes again, when it was sent: the broker stores a copy of
     * it each time.
     */
    private static @Nullable Instant firstStoredAt(MessageExt pulled) {
        long millis = pulled.getReconsumeTimes() == 0 ? pulled.getStoreTimestamp() : pulled.getBornTimestamp();
        return millis <= 0 ? null : Instant.ofEpochMilli(millis);
    }

    @Override
    public ReceivedMessage received() {
        return received;
    }

    @Override
    public void settled(DeliveryOutcome outcome) {
        if (subscription.broadcast() && !(outcome instanceof DeliveryOutcome.Later)) {
            // The broker knows of no member's deliveries, and takes none back.
            ending.consumed(message);
        } else if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            handBack(HandBack::toDeadLetters, dead.reason());
        } else if (outcome instanceof DeliveryOutcome.Retry retry) {
            if (attempt() >= subscription.maxAttempts()) {
                handBack(HandBack::toDeadLetters, "its attempts are used up; the last one: " + retry.reason());
            } else {
                handBack(HandBack::toComeAgain, retry.reason());
            }
        } else if (outcome instanceof DeliveryOutcome.Delivered) {
            ending.consumed(message);
        } else {
            throw new IllegalStateException("Cannot settle message "
                    + received.message().id() + " with " + outcome + ": it stays with the dispatcher");
        }
    }

    private int attempt() {
        return received.attempt();
    }

    /** A way to give a message back. */
    private interface Way {
        boolean go(HandBack handBack, MessageExt message, Subscription subscription, int attempt, String reason);
    }

    private void handBack(Way way, String reason) {
        if (way.go(handBack, message, subscription, attempt(), reason)) {
            ending.consumed(message);
        } else {
            ending.notTaken(() -> handBack(way, reason));
        }
    }
}
