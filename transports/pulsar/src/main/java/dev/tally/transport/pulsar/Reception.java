package dev.tally.transport.pulsar;

import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import dev.tally.transport.wire.TagExpression;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.PulsarClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what a consumer receives to the dispatcher, on a thread of its own, as long as there is room. Thread-safe.
 */
final class Reception implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private static final int POLL_MILLIS = 500;
    private static final int LOOK_AGAIN_MILLIS = 20;
    private static final int AFTER_FAILURE_MILLIS = 1_000;
    private static final int MOST_AT_ONCE = 64;

    private final Subscription subscription;
    private final TagExpression tags;
    private final Consumer<byte[]> consumer;
    private final DispatchedQueue queue;
    private final MessageTranslation translation;
    private final Semaphore room;
    private final Settlement settlement;
    private final Runnable lost;
    private volatile boolean closed;

    /**
     * @param room is released when a message was settled
     * @param lost called when the consumer has ended without having been closed here
     */
    Reception(
            Subscription subscription,
            TagExpression tags,
            Consumer<byte[]> consumer,
            DispatchedQueue queue,
            MessageTranslation translation,
            Semaphore room,
            Settlement settlement,
            Runnable lost) {
        this.subscription = subscription;
        this.tags = tags;
        this.consumer = consumer;
        this.queue = queue;
        this.translation = translation;
        this.room = room;
        this.settlement = settlement;
        this.lost = lost;
    }

    @Override
    public void run() {
        while (!closed) {
            try {
                room.drainPermits();
                if (queue.wantsMore()) {
                    receive();
                } else {
                    pause(LOOK_AGAIN_MILLIS);
                }
            } catch (PulsarClientException.AlreadyClosedException | PulsarClientException.NotConnectedException e) {
                ended(e);
            } catch (PulsarClientException | RuntimeException e) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                LOG.warn("Cannot receive topic={} group={}", subscription.topic(), subscription.group(), e);
                pause(AFTER_FAILURE_MILLIS);
            }
        }
    }

    /** It does not connect again by itself: its topic was deleted, for instance. */
    private void ended(PulsarClientException cause) {
        if (closed) {
            return;
        }
        LOG.warn(
                "The client has ended a consumer, subscribing again topic={} group={}: {}",
                subscription.topic(),
                subscription.group(),
                cause.getMessage());
        var unusedRevoked = queue.revoke();
        var unusedClosed = close();
        lost.run();
    }

    private void receive() throws PulsarClientException {
        Message<byte[]> next = consumer.receive(POLL_MILLIS, TimeUnit.MILLISECONDS);
        List<PulsarDelivery> deliveries = new ArrayList<>();
        while (next != null) {
            PulsarDelivery delivery = delivery(next);
            if (delivery != null) {
                deliveries.add(delivery);
            }
            next = deliveries.size() < MOST_AT_ONCE ? consumer.receive(0, TimeUnit.MILLISECONDS) : null;
        }
        queue.offer(deliveries);
    }

    private @Nullable PulsarDelivery delivery(Message<byte[]> wire) {
        if (!settlement.opened(wire)) {
            return null;
        }
        if (!tags.matches(MessageTranslation.tagOf(wire))) {
            settlement.acknowledge(wire);
            return null;
        }
        ReceivedMessage received = new ReceivedMessage(
                translation.fromWire(wire, subscription.topic()), wire.getRedeliveryCount() + 1, storedAt(wire));
        return new PulsarDelivery(wire, received, settlement);
    }

    /** By the broker's clock where it writes its own time, else by that of who sent it. */
    private static @Nullable Instant storedAt(Message<byte[]> wire) {
        long millis = wire.getBrokerPublishTime().orElse(wire.getPublishTime());
        return millis <= 0 ? null : Instant.ofEpochMilli(millis);
    }

    private void pause(int millis) {
        try {
            room.tryAcquire(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    /** Ends it soon; done when the consumer has left its group. */
    CompletableFuture<Void> close() {
        closed = true;
        settlement.close();
        room.release();
        return consumer.closeAsync();
    }
}
