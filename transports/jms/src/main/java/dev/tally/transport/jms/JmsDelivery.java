package dev.tally.transport.jms;

import dev.tally.consume.dispatch.Delivery;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import jakarta.jms.Message;

/** A message that was received and is not acknowledged. */
final class JmsDelivery implements Delivery {

    /** Where deliveries end. */
    interface Ending {

        /** The broker need not deliver it again. Returns at once. */
        void consumed(JmsDelivery delivery);

        /** It is to be kept elsewhere, and consumed then. Returns at once. */
        void failed(JmsDelivery delivery, int attempt, String reason);
    }

    private final Message wire;
    private final ReceivedMessage received;
    private final Ending ending;

    JmsDelivery(Message wire, ReceivedMessage received, Ending ending) {
        this.wire = wire;
        this.received = received;
        this.ending = ending;
    }

    Message wire() {
        return wire;
    }

    @Override
    public ReceivedMessage received() {
        return received;
    }

    @Override
    public void settled(DeliveryOutcome outcome) {
        if (outcome instanceof DeliveryOutcome.Delivered) {
            ending.consumed(this);
        } else if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            ending.failed(this, received.attempt(), dead.reason());
        } else {
            throw new IllegalStateException("Cannot settle message "
                    + received.message().id() + " with " + outcome + ": it stays with the dispatcher");
        }
    }
}
