package dev.tally.consume;

import dev.tally.transport.Subscription;

/**
 * Messages of a topic that go on to a topic of another transport, see {@link TopicForwards}.
 *
 * @param name for people
 * @param from the name of the transport that has them
 * @param topic their topic there
 * @param to the name of the transport that gets them
 * @param toTopic their topic there
 * @param group the consumer group that forwards them; processes that name the same one share the work
 * @param tags which of them, {@code *} for all
 * @param ordered whether messages of one key keep their order; both transports need {@code KEY_ORDER} then
 * @param concurrency batches that are forwarded at once at most, at least 1
 * @param maxAttempts failed sends of one message before the forwarding stops for a person, at least 1
 * @since 0.1
 */
public record TopicForward(
        String name,
        String from,
        String topic,
        String to,
        String toTopic,
        String group,
        String tags,
        boolean ordered,
        int concurrency,
        int maxAttempts) {

    Subscription subscription() {
        return new Subscription(topic, group, tags, concurrency, ordered, maxAttempts);
    }

    @Override
    public String toString() {
        return "forward '" + name + "' from " + from + " topic '" + topic + "' to " + to + " topic '" + toTopic + "'";
    }
}
