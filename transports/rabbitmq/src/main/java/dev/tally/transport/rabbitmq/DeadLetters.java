package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a group could not handle to the queue of its dead letters, as it came, with the reason. The names of the
 * headers are those that Spring's listeners write, except the group's. Thread-safe.
 */
final class DeadLetters {

    static final String REASON = "x-exception-message";
    static final String EXCHANGE = "x-original-exchange";
    static final String ROUTING_KEY = "x-original-routingKey";
    static final String GROUP = "x-tally-group";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private static final int PERSISTENT = 2;
    private static final int LONGEST_REASON = 1_000;
    private static final long AGAIN_MILLIS = 1_000;

    private final ConfirmedPublisher publisher;
    private final ScheduledExecutorService timer;
    private final Subscription subscription;
    private final String queue;
    private final Duration timeout;

    DeadLetters(
            ConfirmedPublisher publisher, ScheduledExecutorService timer, Subscription subscription, Duration timeout) {
        this.publisher = publisher;
        this.timer = timer;
        this.subscription = subscription;
        this.queue = QueueNames.deadLettersOf(subscription);
        this.timeout = timeout;
    }

    /**
     * Tries until the broker has confirmed it.
     *
     * @param name the message's id, or what is known of it
     * @param ours whether the delivery is still this member's; otherwise somebody else gets it, and decides
     * @param confirmed run then
     */
    void take(Delivery delivery, String name, String reason, BooleanSupplier ours, Runnable confirmed) {
        if (!ours.getAsBoolean()) {
            return;
        }
        CompletableFuture<SendOutcome> outcome = new CompletableFuture<>();
        String what = "Cannot dead-letter message " + name + " of topic '" + subscription.topic() + "' and group '"
                + subscription.group() + "' to queue '" + queue + "'";
        outcome.completeOnTimeout(
                new SendOutcome.Failed(true, what + ": no confirmation within " + timeout, null),
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
        publisher.publish(new Publication(
                Publication.Target.queue(queue), properties(delivery, reason), delivery.getBody(), what, outcome));
        var unused = outcome.thenAccept(result -> {
            if (result instanceof SendOutcome.Sent) {
                LOG.error(
                        "Message dead-lettered messageId={} topic={} group={} deadLetterQueue={} reason={}",
                        name,
                        subscription.topic(),
                        subscription.group(),
                        queue,
                        reason);
                confirmed.run();
            } else {
                LOG.warn("{}; it is kept and tried again", ((SendOutcome.Failed) result).reason());
                again(() -> take(delivery, name, reason, ours, confirmed));
            }
        });
    }

    private void again(Runnable work) {
        try {
            var unused = timer.schedule(work, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not dead-lettering, the transport is closed, and the message comes again", e);
        }
    }

    private AMQP.BasicProperties properties(Delivery delivery, String reason) {
        AMQP.BasicProperties given = delivery.getProperties();
        Map<String, Object> bare = given.getHeaders() == null ? new HashMap<>() : new HashMap<>(given.getHeaders());
        // Counted for this queue; and nobody but the broker may write to these.
        bare.keySet().removeIf(WireHeaders::isBrokersOwn);
        Map<String, Object> headers = new HashMap<>(bare);
        headers.put(REASON, reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "..." : reason);
        headers.put(EXCHANGE, delivery.getEnvelope().getExchange());
        headers.put(ROUTING_KEY, delivery.getEnvelope().getRoutingKey());
        headers.put(GROUP, subscription.group());
        // An expiry was for its first queue, and the broker lets nobody send in another user's name.
        AMQP.BasicProperties.Builder builder =
                given.builder().deliveryMode(PERSISTENT).expiration(null).userId(null);
        AMQP.BasicProperties full = builder.headers(headers).build();
        // One that just fits a frame goes without what would be beside it.
        return WireSize.of(full) < WireSize.FRAME_BYTES - 64
                ? full
                : builder.headers(bare).build();
    }
}
