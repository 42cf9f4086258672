package dev.tally.transport.rabbitmq;

import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
import java.nio.charset.StandardCharsets;

/**
 * How topics and groups are called at the broker: a topic is an exchange of its name, a group of a topic is the queue {@code
 * <topic>.<group>}, its dead letters are in the queue {@code <topic>.<group>.dlq}. A topic whose name ends like that is such
 * a queue itself: messages to it go there through the default exchange, and groups of it take from it directly.
 */
final class QueueNames {

    /** AMQP stores the length of names in one byte. */
    static final int MAX_NAME_BYTES = 255;

    private static final String DEAD_LETTERS = ".dlq";

    private QueueNames() {}

    static boolean isQueue(String topic) {
        return topic.endsWith(DEAD_LETTERS);
    }

    /** The queue from which a group takes. */
    static String of(Subscription subscription) {
        return isQueue(subscription.topic()) ? subscription.topic() : joined(subscription);
    }

    static String deadLettersOf(Subscription subscription) {
        return joined(subscription) + DEAD_LETTERS;
    }

    private static String joined(Subscription subscription) {
        return subscription.topic() + '.' + subscription.group();
    }

    static int bytesOf(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * @throws TransportException if AMQP cannot have such a queue
     */
    static void requirePossible(Subscription subscription) {
        String longest = deadLettersOf(subscription);
        String what = "Cannot subscribe group '" + subscription.group() + "' to topic '" + subscription.topic() + "'";
        if (subscription.topic().isBlank() || subscription.group().isBlank()) {
            throw new TransportException(what + ": one of the names is blank");
        }
        if (subscription.broadcast() && isQueue(subscription.topic())) {
            throw new TransportException(
                    what + " as a broadcast: dead letters are in a queue, from which each is taken" + " once");
        }
        if (bytesOf(longest) > MAX_NAME_BYTES) {
            throw new TransportException(what + ": the name of the queue of its dead letters, '" + longest + "', has "
                    + bytesOf(longest) + " bytes, AMQP's limit is " + MAX_NAME_BYTES);
        }
        if (longest.startsWith("amq.") && !isQueue(subscription.topic())) {
            throw new TransportException(what + ": RabbitMQ reserves names of queues that begin with 'amq.'");
        }
    }
}
