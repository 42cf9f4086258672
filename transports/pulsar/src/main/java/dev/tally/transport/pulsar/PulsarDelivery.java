package dev.tally.transport.pulsar;

import dev.tally.consume.dispatch.Delivery;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import org.apache.pulsar.client.api.Message;

/** A message that the client has received. The broker keeps it until it is acknowledged or its consumer is gone. */
final class PulsarDelivery implements Delivery {

    /** Where deliveries end. */
    interface Ending {

        /** The broker need not deliver it again. */
        void acknowledge(Message<byte[]> wire);

        /** It goes to the dead letters, and is acknowledged when it is there. */
        void deadLetter(Message<byte[]> wire, ReceivedMessage received, String reason);
    }

    private final Message<byte[]> wire;
    private final ReceivedMessage received;
    private final Ending ending;

    PulsarDelivery(Message<byte[]> wire, ReceivedMessage received, Ending ending) {
        this.wire = wire;
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
            ending.acknowledge(wire);
        } else if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            ending.deadLetter(wire, received, dead.reason());
        } else {
            throw new IllegalStateException("Cannot settle message "
                    + received.message().id() + " with " + outcome + ": it stays with the dispatcher");
        }
    }
}
