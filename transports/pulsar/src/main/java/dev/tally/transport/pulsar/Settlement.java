package dev.tally.transport.pulsar;

import dev.tally.retry.Backoff;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a consumer has received and not yet settled, and how it is settled. What the broker does not confirm is tried again
 * until it does or the consumer is closed. Thread-safe.
 */
final class Settlement implements PulsarDelivery.Ending {

    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    private static final Backoff AGAIN = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 2, 0.2);

    private static final long ANSWER_SECONDS = 10;

    private final Subscription subscription;
    private final Consumer<byte[]> consumer;
    private final DeadLetters deadLetters;
    private final ScheduledExecutorService timer;
    private final RandomGenerator random;
    private final Runnable settled;
    private final OpenMessages open = new OpenMessages();
    private volatile boolean closed;

    /**
     * @param settled called when one was settled, on any thread; must not block
     */
    Settlement(
            Subscription subscription,
            Consumer<byte[]> consumer,
            DeadLetters deadLetters,
            ScheduledExecutorService timer,
            RandomGenerator random,
            Runnable settled) {
        this.subscription = subscription;
        this.consumer = consumer;
        this.deadLetters = deadLetters;
        this.timer = timer;
        this.random = random;
        this.settled = settled;
    }

    /**
     * A message came.
     *
     * @return false if it is here already: after a lost connection the broker delivers again what is not acknowledged
     */
    boolean opened(Message<byte[]> wire) {
        OpenMessages.Arrival arrival = open.arrived(wire.getMessageId());
        if (!arrival.first() && arrival.message().isAcknowledged()) {
            confirm(arrival.message(), 1); // The broker knows nothing of it.
        }
        return arrival.first();
    }

    @Override
    public void acknowledge(Message<byte[]> wire) {
        confirm(wire);
        settled.run();
    }

    private void confirm(Message<byte[]> wire) {
        OpenMessages.Open message = open.arrived(wire.getMessageId()).message();
        message.acknowledge();
        confirm(message, 1);
    }

    private void confirm(OpenMessages.Open message, int attempt) {
        // After a lost connection the client may never answer.
        CompletableFuture<Void> answer =
                consumer.acknowledgeAsync(message.id()).copy().orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS);
        var unused = answer.whenComplete((done, failure) -> {
            if (failure == null) {
                open.confirmed(message);
            } else if (again(attempt, () -> confirm(message, attempt + 1))) {
                LOG.debug(
                        "Not acknowledged, trying again topic={} group={} message={}",
                        subscription.topic(),
                        subscription.group(),
                        message.id(),
                        failure);
            }
        });
    }

    @Override
    public void deadLetter(Message<byte[]> wire, ReceivedMessage received, String reason) {
        if (subscription.broadcast()) {
            // The other members have it, too; there is no group that has failed.
            LOG.warn(
                    "Dropped a broadcast message that could not be handled topic={} group={} messageId={}: {}",
                    subscription.topic(),
                    subscription.group(),
                    received.message().id(),
                    reason);
            acknowledge(wire);
            return;
        }
        deadLetter(wire, received, reason, 1);
        settled.run();
    }

    private void deadLetter(Message<byte[]> wire, ReceivedMessage received, String reason, int attempt) {
        var unused = deadLetters
                .send(wire, subscription, received.attempt(), reason)
                .thenAccept(outcome -> {
                    if (outcome instanceof SendOutcome.Sent) {
                        LOG.warn(
                                "Dead-lettered topic={} group={} messageId={}: {}",
                                subscription.topic(),
                                subscription.group(),
                                received.message().id(),
                                reason);
                        confirm(wire);
                    } else if (again(attempt, () -> deadLetter(wire, received, reason, attempt + 1))) {
                        LOG.warn(
                                "Not dead-lettered, trying again topic={} group={} messageId={} attempt={}: {}",
                                subscription.topic(),
                                subscription.group(),
                                received.message().id(),
                                attempt,
                                ((SendOutcome.Failed) outcome).reason());
                    }
                });
    }

    private boolean again(int attempt, Runnable work) {
        if (closed) {
            return false;
        }
        try {
            var unused = timer.schedule(
                    () -> {
                        if (!closed) {
                            work.run();
                        }
                    },
                    AGAIN.delay(attempt, random).toMillis(),
                    TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("Not settling a message, the transport is closed", e);
            return false;
        }
    }

    /** Tries nothing again any more: what is not settled comes again. */
    void close() {
        closed = true;
    }
}
