package dev.tally.transport;

import dev.tally.message.Message;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The port to one message broker. Implementations are thread-safe.
 *
 * @since 0.1
 */
public interface Transport extends AutoCloseable {

    /** A short name for logs, metrics and errors, for instance {@code rocketmq}. */
    String name();

    /** What this transport can do; constant for its life. */
    Set<Capability> capabilities();

    /**
     * The transport that carries a topic: this one, or where several are in use the one that was chosen for the topic.
     * Its name, {@link #capabilities()} and {@link #maxDelay()} are those that count for the topic.
     */
    default Transport of(String topic) {
        return this;
    }

    /**
     * How far ahead the broker itself keeps a message back, see {@link dev.tally.message.Headers#DELAY}; constant for the
     * transport's life, zero without {@link Capability#DELAY}. What is delayed for longer is sent when it is due, and not
     * before.
     */
    default Duration maxDelay() {
        return Duration.ZERO;
    }

    /**
     * How long after it was sent a message may be delivered once more, by retries, a replay of dead letters or a reset of
     * positions; constant for the transport's life. Inboxes have to remember for longer. {@link Duration#ZERO}, the default,
     * where the transport cannot say.
     */
    default Duration redeliveryHorizon() {
        return Duration.ZERO;
    }

    /**
     * Why this transport can never send a message as it is: its topic's or a header's name, its size, its tag. Asked when
     * a message is published, so that the caller learns of it and not a relay at night. Asks no broker; what only the
     * broker knows (its own lower limit of size, permissions) is told by {@link SendOutcome.Failed}.
     *
     * @return what is wrong and which limit it breaks, empty where nothing is known against it
     */
    default Optional<String> refusal(Message message) {
        return Optional.empty();
    }

    /**
     * Sends messages, pipelined. Messages with one key that are handed over in one call, or in calls that follow one
     * another, are stored by the broker in that order as long as each is {@link SendOutcome.Sent}; after a failure the
     * caller sends the later ones of that key again.
     *
     * <p>Never throws for a message: each future completes normally, in the order of {@code messages}, within the
     * transport's send time-out. {@link SendOutcome.Sent} means that the broker has confirmed it.
     */
    List<CompletableFuture<SendOutcome>> send(List<Message> messages);

    /**
     * Subscribes a handler. Deliveries begin before or after this returns, and end when the subscription is closed.
     *
     * @throws TransportException if the subscription cannot be set up
     */
    ActiveSubscription subscribe(Subscription subscription, BatchHandler handler);

    /** Ends all subscriptions and sends; waits for running handlers within the transport's limit. Idempotent. */
    @Override
    void close();
}
