package dev.tally.transport.pulsar;

import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a group cannot handle into the topic where Pulsar's own clients put it, with what they write beside it: the
 * message as it was, the topic, id and subscription that it had, and why. Thread-safe.
 */
final class DeadLetters {

    /** Why it was dead-lettered, for people. */
    static final String REASON = "tally-dead-letter-reason";

    /** The topic that it was in, as the subscription names it. */
    static final String TOPIC = "tally-dead-letter-topic";

    /** Whose subscription it was. */
    static final String GROUP = "tally-dead-letter-group";

    /** At which attempt. */
    static final String ATTEMPTS = "tally-dead-letter-attempts";

    /** As Pulsar names them. */
    private static final String REAL_SUBSCRIPTION = "REAL_SUBSCRIPTION";

    /** Pulsar writes the id under this name, too. */
    private static final String ORIGIN_MESSAGE_ID_AGAIN = "ORIGIN_MESSAGE_IDY_TIME";

    private static final int MAX_REASON = 1_000;

    private final PulsarClient client;
    private final Producers producers;
    private final TopicNames topics;
    private final @Nullable String keeper;
    private final Map<String, CompletableFuture<Void>> kept = new ConcurrentHashMap<>();

    /**
     * @param keeper the subscription for which Pulsar is to keep them; {@code null} where it keeps them anyway
     */
    DeadLetters(PulsarClient client, Producers producers, TopicNames topics, @Nullable String keeper) {
        this.client = client;
        this.producers = producers;
        this.topics = topics;
        this.keeper = keeper;
    }

    /**
     * Dead-letters a message.
     *
     * @return completes normally; only {@link SendOutcome.Sent} means that the broker has it
     */
    CompletableFuture<SendOutcome> send(Message<byte[]> wire, Subscription subscription, int attempt, String reason) {
        String target = topics.deadLetters(subscription.topic(), subscription.group());
        String what = "Cannot dead-letter message " + MessageTranslation.brokersIdOf(wire) + " of topic '"
                + subscription.topic() + "' to '" + target + "'";
        WireMessage copy = copy(wire, target, subscription, attempt, reason);
        return keep(target)
                .thenCompose(kept -> producers.send(copy, what))
                .exceptionally(failure -> SendFailures.of(failure, what));
    }

    private static WireMessage copy(
            Message<byte[]> wire, String target, Subscription subscription, int attempt, String reason) {
        Map<String, String> properties = new LinkedHashMap<>(wire.getProperties());
        // One that is dead-lettered for the second time keeps where it came from, as with Pulsar's own clients.
        String id = MessageTranslation.brokersIdOf(wire);
        properties.putIfAbsent(MessageTranslation.REAL_TOPIC, wire.getTopicName());
        properties.putIfAbsent(MessageTranslation.ORIGIN_MESSAGE_ID, id);
        properties.putIfAbsent(ORIGIN_MESSAGE_ID_AGAIN, id);
        properties.putIfAbsent(REAL_SUBSCRIPTION, subscription.group());
        properties.put(TOPIC, subscription.topic());
        properties.put(GROUP, subscription.group());
        properties.put(REASON, reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON));
        properties.put(ATTEMPTS, Integer.toString(attempt));
        String key = wire.hasKey() ? wire.getKey() : null;
        byte[] keyBytes =
                key != null && wire.hasBase64EncodedKey() ? Base64.getDecoder().decode(key) : null;
        return new WireMessage(
                target, keyBytes == null ? key : null, keyBytes, wire.getData(), properties, OptionalLong.empty());
    }

    /** Sees to it that a subscription holds what is in the topic. */
    private CompletableFuture<Void> keep(String target) {
        if (keeper == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> known = kept.get(target);
        if (known == null || known.isCompletedExceptionally()) {
            known = subscribe(target, keeper);
            kept.put(target, known);
        }
        return known;
    }

    private CompletableFuture<Void> subscribe(String target, String name) {
        return client.newConsumer()
                .topic(target)
                .subscriptionName(name)
                .subscriptionType(SubscriptionType.Shared)
                .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
                .receiverQueueSize(1)
                .subscribeAsync()
                .thenCompose(Consumer::closeAsync);
    }
}
