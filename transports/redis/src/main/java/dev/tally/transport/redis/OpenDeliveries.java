package dev.tally.transport.redis;

import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What a member has read of a partition and not settled. Thread-safe. */
final class OpenDeliveries implements StreamDelivery.Origin {

    private final byte[] stream;
    private final Lease lease;
    private final DispatchedQueue queue;
    private final Acknowledgements acknowledgements;
    private final GroupContext context;
    private final Map<String, StreamDelivery> open = new ConcurrentHashMap<>();
    private volatile boolean awaited;
    private volatile boolean ended;

    OpenDeliveries(
            byte[] stream,
            Lease lease,
            DispatchedQueue queue,
            Acknowledgements acknowledgements,
            GroupContext context) {
        this.stream = stream;
        this.lease = lease;
        this.queue = queue;
        this.acknowledgements = acknowledgements;
        this.context = context;
    }

    /**
     * Hands entries over to the queue, but for those that it has, and those whose tag nobody asked for.
     *
     * @param attempts by entry's id which delivery of it this is, 1 where it is missing
     */
    void offer(List<StreamEntry> entries, Map<String, Integer> attempts) {
        List<StreamDelivery> deliveries = new ArrayList<>(entries.size());
        List<String> unwanted = new ArrayList<>();
        for (StreamEntry entry : entries) {
            ReceivedMessage received = new ReceivedMessage(
                    context.translation().fromEntry(context.subscription().topic(), stream, entry),
                    attempts.getOrDefault(entry.id(), 1),
                    entry.storedAt());
            StreamDelivery delivery = new StreamDelivery(entry.id(), received, this);
            if (!context.tags().matches(received.message().destination().tag())) {
                unwanted.add(entry.id());
            } else if (open.putIfAbsent(entry.id(), delivery) == null) {
                deliveries.add(delivery);
            }
        }
        acknowledgements.settled(unwanted);
        context.handler().arrived(deliveries);
        queue.offer(deliveries);
    }

    /** Whether there is room. Dead letters on their way are not the queue's any more, and are held all the same. */
    boolean wantMore() {
        boolean room = queue.wantsMore() && open.size() < 2 * context.window();
        awaited = !room;
        return room;
    }

    /** No further handler begins, and what is not settled is the next owner's. */
    void end() {
        ended = true;
        open.values().forEach(context.handler()::left);
    }

    /** What the server is to know of those that are not settled: by turns an id, and how many attempts were made. */
    List<byte[]> attempts() {
        List<byte[]> attempts = new ArrayList<>(2 * open.size());
        open.values().forEach(delivery -> {
            attempts.add(RedisKeys.bytes(delivery.id()));
            attempts.add(RedisKeys.bytes(Integer.toString(delivery.attempts())));
        });
        return attempts;
    }

    /** The loop is told of each that ends from now on. */
    void await() {
        awaited = true;
    }

    /** Some have ended: there may be room again, or nothing left to be waited for. */
    void acknowledged() {
        if (awaited) {
            context.wake().run();
        }
    }

    @Override
    public boolean holds() {
        return !ended && lease.holds(context.nanoTime().getAsLong());
    }

    @Override
    public void settled(StreamDelivery delivery, DeliveryOutcome outcome) {
        context.handler().left(delivery);
        if (outcome instanceof DeliveryOutcome.Delivered) {
            settled(delivery);
        } else if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            if (ended) {
                return; // whoever has the partition now decides
            }
            context.deadLetters()
                    .keep(
                            context.subscription(),
                            delivery.received().message(),
                            delivery.attempts(),
                            dead.reason(),
                            () -> settled(delivery));
        } else {
            throw new IllegalStateException("Cannot settle message "
                    + delivery.received().message().id() + " with " + outcome + ": it stays with the dispatcher");
        }
    }

    private void settled(StreamDelivery delivery) {
        acknowledgements.settled(delivery.id());
        open.remove(delivery.id());
        acknowledged();
    }

    @Override
    public void failed(StreamDelivery delivery, int attempts) {
        if (!ended) {
            context.noteAttempts(stream, delivery.id(), attempts);
        }
    }
}
