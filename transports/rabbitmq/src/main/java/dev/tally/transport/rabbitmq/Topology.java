package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import dev.tally.transport.Subscription;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Declares exchanges and queues. What a question refuses closes its channel, so each gets one of its own. Stateless.
 */
final class Topology {

    /**
     * No limit in practice. Without one RabbitMQ 3.10 puts what was given back behind all others, which breaks the order,
     * and 4.0 drops it after 20 deliveries.
     */
    static final int DELIVERY_LIMIT = Integer.MAX_VALUE;

    /** An exchange or a queue is not there, and is not to be made. */
    static final class MissingException extends IOException {
        private static final long serialVersionUID = 1;

        MissingException(String message) {
            super(message);
        }
    }

    private interface Question {
        void ask(Channel channel) throws IOException;
    }

    private final boolean creates;

    Topology(boolean creates) {
        this.creates = creates;
    }

    /** One that is there is taken as it is: it may be of any type. */
    void ensureExchange(Link link, String exchange) throws IOException {
        if (isThere(link, channel -> channel.exchangeDeclarePassive(exchange))) {
            return;
        }
        requireCreates("exchange", exchange);
        ask(link, channel -> channel.exchangeDeclare(exchange, BuiltinExchangeType.TOPIC, true));
    }

    /** A queue of dead letters. One that is there is taken as it is. */
    void ensureDeadLetters(Link link, String queue) throws IOException {
        if (isThere(link, channel -> channel.queueDeclarePassive(queue))) {
            return;
        }
        requireCreates("queue", queue);
        ask(link, channel -> channel.queueDeclare(queue, true, false, false, durable()));
    }

    /** The group's queue. Where it may be made, one that is there has to be just so, since the order depends on it. */
    void ensureGroup(Link link, Subscription subscription) throws IOException {
        String queue = QueueNames.of(subscription);
        if (QueueNames.isQueue(subscription.topic())) {
            ensureDeadLetters(link, queue);
            return;
        }
        if (!creates) {
            if (!isThere(link, channel -> channel.queueDeclarePassive(queue))) {
                requireCreates("queue", queue);
            }
            return;
        }
        ensureExchange(link, subscription.topic());
        ensureDeadLetters(link, QueueNames.deadLettersOf(subscription));
        ask(link, channel -> {
            channel.queueDeclare(queue, true, false, false, groupArguments(subscription));
            channel.queueBind(queue, subscription.topic(), "#");
        });
    }

    /** A queue that is this member's alone, and gone with its connection. */
    String declareBroadcast(Link link, Channel channel, Subscription subscription) throws IOException {
        ensureExchange(link, subscription.topic());
        String queue = channel.queueDeclare("", false, true, true, Map.of()).getQueue();
        channel.queueBind(queue, subscription.topic(), "#");
        return queue;
    }

    static Map<String, Object> groupArguments(Subscription subscription) {
        Map<String, Object> arguments = durable();
        arguments.put("x-single-active-consumer", subscription.ordered());
        // For operators who limit ages or deliveries by policy: what the broker itself gives up can be found.
        arguments.put("x-dead-letter-exchange", "");
        arguments.put("x-dead-letter-routing-key", QueueNames.deadLettersOf(subscription));
        return arguments;
    }

    private static Map<String, Object> durable() {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("x-queue-type", "quorum");
        arguments.put("x-delivery-limit", DELIVERY_LIMIT);
        // Where a policy limits the length: the publisher is refused, instead of the oldest message being dropped.
        arguments.put("x-overflow", "reject-publish");
        return arguments;
    }

    private void requireCreates(String kind, String name) throws MissingException {
        if (!creates) {
            throw new MissingException(
                    kind + " '" + name + "' does not exist, and is not created, since createMissingTopics is false");
        }
    }

    private static boolean isThere(Link link, Question question) throws IOException {
        try {
            ask(link, question);
            return true;
        } catch (IOException e) {
            if (BrokerErrors.codeOf(e) == BrokerErrors.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private static void ask(Link link, Question question) throws IOException {
        Channel channel = link.createChannel();
        try {
            question.ask(channel);
        } finally {
            channel.abort();
        }
    }
}
