package dev.tally.testkit;

import dev.tally.message.Message;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * What a handler saw. Thread-safe.
 *
 * @since 0.1
 */
public final class ReceivedMessages {

    private final List<ReceivedMessage> deliveries = new CopyOnWriteArrayList<>();

    /** Nothing yet. */
    public ReceivedMessages() {}

    /** A handler that notes each delivery and answers what {@code handler} says of its message. */
    public BatchHandler handler(Function<Message, DeliveryOutcome> handler) {
        return batch -> batch.stream()
                .map(each -> {
                    add(each);
                    return handler.apply(each.message());
                })
                .toList();
    }

    /** Notes a delivery. */
    public void add(ReceivedMessage delivery) {
        deliveries.add(delivery);
    }

    /** All deliveries, in the order in which they came. */
    public List<ReceivedMessage> deliveries() {
        return List.copyOf(deliveries);
    }

    /** The ids of all deliveries, repetitions included. */
    public List<String> ids() {
        return deliveries.stream().map(each -> each.message().id().value()).toList();
    }

    /** The first delivery of a message. */
    public Message message(String id) {
        return deliveries.stream()
                .map(ReceivedMessage::message)
                .filter(each -> each.id().value().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** The attempts that were told with the deliveries of a message. */
    public List<Integer> attemptsOf(String id) {
        return deliveries.stream()
                .filter(each -> each.message().id().value().equals(id))
                .map(ReceivedMessage::attempt)
                .toList();
    }
}
