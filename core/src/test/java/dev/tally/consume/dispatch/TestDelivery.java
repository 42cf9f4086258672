package dev.tally.consume.dispatch;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.function.BiConsumer;

/** A delivery at a position of a queue. */
record TestDelivery(long position, ReceivedMessage received, BiConsumer<TestDelivery, DeliveryOutcome> settling)
        implements Delivery {

    static TestDelivery of(long position, String key, BiConsumer<TestDelivery, DeliveryOutcome> settling) {
        String id = (key == null ? "none" : key) + "-" + position;
        return new TestDelivery(
                position,
                new ReceivedMessage(
                        new Message(
                                new MessageId(id), Destination.topic("orders"), key, "t", Headers.empty(), new byte[0]),
                        1),
                settling);
    }

    String id() {
        return received.message().id().value();
    }

    String key() {
        return received.message().key();
    }

    @Override
    public void settled(DeliveryOutcome outcome) {
        settling.accept(this, outcome);
    }
}
