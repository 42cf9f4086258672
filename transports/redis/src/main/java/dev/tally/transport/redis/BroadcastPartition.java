package dev.tally.transport.redis;

import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import dev.tally.transport.wire.TagExpression;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A partition that a member reads for itself, without a group: nobody else knows how far it is. */
final class BroadcastPartition implements PartitionSource, StreamDelivery.Origin {

    private static final Logger LOG = LoggerFactory.getLogger(BroadcastPartition.class);
    private static final int MOST_AT_ONCE = 100;

    private final int number;
    private final byte[] stream;
    private final Subscription subscription;
    private final TagExpression tags;
    private final EntryTranslation translation;
    private final DispatchedQueue queue;
    private final Runnable wake;
    private String cursor;
    private boolean drained;
    private int most = MOST_AT_ONCE;
    private volatile boolean full;

    BroadcastPartition(
            int number,
            byte[] stream,
            Subscription subscription,
            EntryTranslation translation,
            KeyedDispatcher dispatcher,
            String cursor,
            Runnable wake) {
        this.number = number;
        this.stream = stream;
        this.subscription = subscription;
        this.tags = TagExpression.of(subscription.tags());
        this.translation = translation;
        this.queue = dispatcher.open(RedisKeys.text(stream));
        this.cursor = cursor;
        this.wake = wake;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public byte[] stream() {
        return stream;
    }

    @Override
    public String cursor() {
        return cursor;
    }

    @Override
    public boolean wantsMore() {
        full = !queue.wantsMore();
        return !drained && !full;
    }

    @Override
    public boolean isDrained() {
        return drained;
    }

    @Override
    public void mayHaveMore() {
        drained = false;
    }

    @Override
    @SuppressWarnings("unchecked") // an array of one offset
    public CompletableFuture<Runnable> read(Session session) {
        int count = most;
        return session.commands()
                .xread(XReadArgs.Builder.count(count), StreamOffset.from(stream, cursor))
                .toCompletableFuture()
                .thenApply(messages -> () -> arrived(messages == null ? List.of() : messages, count));
    }

    private void arrived(List<StreamMessage<byte[], byte[]>> messages, int count) {
        most = Math.min(MOST_AT_ONCE, most * 2);
        drained = messages.size() < count;
        List<StreamDelivery> deliveries = new ArrayList<>(messages.size());
        for (StreamMessage<byte[], byte[]> message : messages) {
            StreamEntry entry = StreamEntry.of(message);
            ReceivedMessage received = new ReceivedMessage(
                    translation.fromEntry(subscription.topic(), stream, entry), 1, entry.storedAt());
            if (tags.matches(received.message().destination().tag())) {
                deliveries.add(new StreamDelivery(entry.id(), received, this));
            }
            cursor = entry.id();
        }
        queue.offer(deliveries);
    }

    @Override
    public void readFailed(Throwable cause) {
        most = Math.max(1, most / 4); // large entries may have taken too long
    }

    // What follows is called by any thread.

    @Override
    public boolean holds() {
        return true;
    }

    @Override
    public void settled(StreamDelivery delivery, DeliveryOutcome outcome) {
        if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            LOG.warn(
                    "Broadcast message given up by this member topic={} group={} messageId={} reason={}",
                    subscription.topic(),
                    subscription.group(),
                    delivery.received().message().id(),
                    dead.reason());
        }
        if (full) {
            wake.run();
        }
    }

    @Override
    public void failed(StreamDelivery delivery, int attempts) {
        // Nobody takes over from this member.
    }
}
