package dev.tally.transport.pulsar;

import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import dev.tally.transport.wire.TagExpression;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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
    private final Moves moves;
    private final Duration endLimit;
    private final Runnable lost;
    private volatile boolean closed;

    /** What is known of the group's moves. */
    interface Moves {

        /** See {@link MoveWatch#begin}. */
        default void begin(Consumer<?> consumer, BooleanSupplier wanted) {}

        /** See {@link MoveWatch#hasMoved}. */
        boolean hasMoved(Consumer<?> consumer, BooleanSupplier wanted);
    }

    /**
     * @param room is released when a message was settled
     * @param moves asked before messages are handed over
     * @param endLimit how long running handlers are waited for where the group was moved
     * @param lost called when the consumer has ended without having been closed from outside
     */
    Reception(
            Subscription subscription,
            TagExpression tags,
            Consumer<byte[]> consumer,
            DispatchedQueue queue,
            MessageTranslation translation,
            Semaphore room,
            Settlement settlement,
            Moves moves,
            Duration endLimit,
            Runnable lost) {
        this.subscription = subscription;
        this.tags = tags;
        this.consumer = consumer;
        this.queue = queue;
        this.translation = translation;
        this.room = room;
        this.settlement = settlement;
        this.moves = moves;
        this.endLimit = endLimit;
        this.lost = lost;
    }

    @Override
    public void run() {
        moves.begin(consumer, () -> !closed);
        while (!closed) {
            try {
                room.drainPermits();
                List<Message<byte[]>> received = List.of();
                if (queue.wantsMore()) {
                    received = receive();
                } else {
                    pause(LOOK_AGAIN_MILLIS);
                }
                if (moves.hasMoved(consumer, () -> !closed)) {
                    leaveWhatWasMoved();
                } else {
                    queue.offer(deliveries(received));
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

    /** Forgets all that is here: the group goes on elsewhere, and it with a new consumer. */
    private void leaveWhatWasMoved() {
        if (closed) {
            return;
        }
        LOG.info(
                "The group was moved, subscribing again topic={} group={}", subscription.topic(), subscription.group());
        queue.revoke()
                .copy()
                .completeOnTimeout(null, endLimit.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        Waiting.within(endLimit, close(), "the consumer of topic " + subscription.topic());
        lost.run();
    }

    private List<Message<byte[]>> receive() throws PulsarClientException {
        List<Message<byte[]>> received = new ArrayList<>();
        Message<byte[]> next = consumer.receive(POLL_MILLIS, TimeUnit.MILLISECONDS);
        while (next != null) {
            received.add(next);
            next = received.size() < MOST_AT_ONCE ? consumer.receive(0, TimeUnit.MILLISECONDS) : null;
        }
        return received;
    }

    private List<PulsarDelivery> deliveries(List<Message<byte[]>> received) {
        List<PulsarDelivery> deliveries = new ArrayList<>();
        for (Message<byte[]> each : received) {
            PulsarDelivery delivery = delivery(each);
            if (delivery != null) {
                deliveries.add(delivery);
            }
        }
        return deliveries;
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
