package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.Delivery;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;

/** A message that a queue has handed over on a channel, and which is acknowledged there and nowhere else. */
final class ConsumedDelivery implements dev.tally.consume.dispatch.Delivery {

    /** Where deliveries end. */
    interface Ending {

        /** The broker need not deliver it again. */
        void acknowledge(long tag);

        /** It goes to the dead letters, and is acknowledged when it is there. */
        void deadLetter(Delivery delivery, String name, String reason);
    }

    private final Delivery delivery;
    private final ReceivedMessage received;
    private final Ending ending;

    ConsumedDelivery(Delivery delivery, ReceivedMessage received, Ending ending) {
        this.delivery = delivery;
        this.received = received;
        this.ending = ending;
    }

    @Override
    public ReceivedMessage received() {
        return received;
    }

    @Override
    public void settled(DeliveryOutcome outcome) {
        if (outcome instanceof DeliveryOutcome.Delivered) {
            ending.acknowledge(delivery.getEnvelope().getDeliveryTag());
        } else if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            ending.deadLetter(delivery, received.message().id().value(), dead.reason());
        } else {
            throw new IllegalStateException("Cannot settle message "
                    + received.message().id() + " with " + outcome + ": it stays with the dispatcher");
        }
    }
}
