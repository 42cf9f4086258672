package dev.tally.consume;

import dev.tally.transport.BatchHandler;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What is to be subscribed, and what handles it.
 *
 * @param name for people
 */
record ConsumerWork(Subscription subscription, String name, BatchHandler handler) {

    /**
     * What an annotated method needs: its own subscription or, where its messages are sent on to another topic, that of
     * the other topic and the one that sends them on. The other topic first, so that nothing is sent on that nobody takes.
     *
     * @param handler the method's, for what it is subscribed to
     */
    static List<ConsumerWork> of(
            Subscription annotated,
            String name,
            Function<Subscription, BatchHandler> handler,
            SubscriptionCustomizer customizer,
            Transport transport) {
        String wider = customizer.forwardTo(annotated);
        if (wider == null) {
            return List.of(new ConsumerWork(annotated, name, handler.apply(annotated)));
        }
        Subscription handled = withTopic(annotated, wider);
        Subscription forwarded = forwarding(annotated);
        return List.of(
                new ConsumerWork(handled, name, handler.apply(handled)),
                new ConsumerWork(
                        forwarded,
                        "forwards to " + wider + " for " + name,
                        new TopicForwarder(forwarded, wider, transport)));
    }

    private static Subscription withTopic(Subscription annotated, String topic) {
        return new Subscription(
                topic,
                annotated.group(),
                annotated.tags(),
                annotated.concurrency(),
                annotated.ordered(),
                annotated.maxAttempts(),
                annotated.batch(),
                annotated.minConcurrency(),
                annotated.messagesPerSecond(),
                annotated.broadcast());
    }

    /** The handler's limits are for the handler. */
    private static Subscription forwarding(Subscription annotated) {
        return new Subscription(
                annotated.topic(),
                annotated.group(),
                annotated.tags(),
                annotated.concurrency(),
                annotated.ordered(),
                annotated.maxAttempts());
    }

    /** What cannot be sent on as {@code customizer} says. */
    static List<String> forwardingFaults(List<Subscription> annotated, SubscriptionCustomizer customizer) {
        List<String> faults = new ArrayList<>();
        for (Subscription each : annotated) {
            String wider = customizer.forwardTo(each);
            if (wider == null) {
                continue;
            }
            String attempt = "group '" + each.group() + "': messages of topic '" + each.topic()
                    + "' cannot be forwarded to '" + wider + "': ";
            if (wider.isBlank()) {
                faults.add(attempt + "the name is blank");
            } else if (wider.equals(each.topic())) {
                faults.add(attempt + "it is the same topic, and they would come back for ever");
            }
            if (each.broadcast()) {
                faults.add(attempt + "it is a broadcast, which has no backlog");
            }
            long topics = annotated.stream()
                    .filter(other -> other.group().equals(each.group()))
                    .count();
            if (topics > 1) {
                faults.add(attempt + "the group has " + topics
                        + " handlers, and each would be subscribed to it; give the one that is to move a group of its"
                        + " own");
            }
        }
        return faults;
    }
}
