package dev.tally.transport.redis;

import dev.tally.consume.dispatch.DispatchedQueue;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition that this member of a group has the lease of.
 *
 * <ol>
 *   <li>What the group has read and not acknowledged comes first, in order: its last owner had it.
 *   <li>Then what is new. Each read checks the lease at the server.
 *   <li>A read whose answer did not arrive may have moved the group: the lease gets a new token, so that this read comes to
 *       nothing if it is still on its way, and what is pending behind the cursor is read before anything new.
 * </ol>
 *
 * <p>All members read as one consumer, {@value #CONSUMER}: who has a partition is the lease's matter.
 */
final class GroupPartition implements PartitionSource, StreamDelivery.Origin {

    static final String CONSUMER = "tally";

    private static final Logger LOG = LoggerFactory.getLogger(GroupPartition.class);
    private static final int MOST_AT_ONCE = 200;

    private final int number;
    private final byte[] stream;
    private final Lease lease;
    private final DispatchedQueue queue;
    private final Acknowledgements acknowledgements;
    private final GroupContext context;
    private final Map<String, StreamDelivery> open = new ConcurrentHashMap<>();
    private volatile boolean full;
    private volatile boolean ended;

    private String cursor = StreamEntry.BEGINNING;
    private boolean pendingFirst = true;
    private boolean drained;
    private boolean uncertain;
    private boolean lost;
    private int most = MOST_AT_ONCE;
    private @Nullable CompletableFuture<Void> handlersEnded;
    private long endsAt;

    GroupPartition(int number, byte[] stream, Lease lease, GroupContext context, Acknowledgements acknowledgements) {
        this.number = number;
        this.stream = stream;
        this.lease = lease;
        this.context = context;
        this.acknowledgements = acknowledgements;
        this.queue = context.dispatcher().open(RedisKeys.text(stream));
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

    Lease lease() {
        return lease;
    }

    Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    /** Whether the server has said that the lease is another's, or nobody's. */
    boolean isLost() {
        return lost;
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
    public boolean wantsMore() {
        if (drained || lost || handlersEnded != null) {
            return false;
        }
        // Dead letters on their way are not the queue's any more, and are held all the same.
        boolean room = queue.wantsMore() && open.size() < 2 * context.window();
        full = !room;
        return room;
    }

    @Override
    public CompletableFuture<Runnable> read(Session session) {
        if (uncertain) {
            return takeAgain(session);
        }
        int count = Math.max(1, Math.min(most, context.window() - queue.open()));
        String group = context.subscription().group();
        if (pendingFirst) {
            return Scripts.takePending(session, stream, lease.key(), lease.token(), group, '(' + cursor, count)
                    .thenApply(answer -> () -> pending(answer));
        }
        return Scripts.readNew(session, stream, lease.key(), lease.token(), group, count)
                .thenApply(answer -> () -> fresh(answer, count));
    }

    private CompletableFuture<Runnable> takeAgain(Session session) {
        long askedAt = context.nanoTime().getAsLong();
        String token = context.newToken();
        return Scripts.takeLease(session, lease.key(), lease.member(), token, context.leaseMillis())
                .thenApply(taken -> () -> {
                    if (taken) {
                        lease.taken(token, askedAt);
                        uncertain = false;
                        pendingFirst = true;
                    } else {
                        lose();
                    }
                });
    }

    private void pending(List<Object> answer) {
        if (!isMine(answer)) {
            return;
        }
        List<?> entries = (List<?>) answer.get(1);
        List<StreamEntry> taken = new ArrayList<>();
        Map<String, Integer> attempts = new ConcurrentHashMap<>();
        for (Object each : entries) {
            List<?> entry = (List<?>) each;
            if (entry.size() < 3) {
                removed(RedisKeys.text((byte[]) entry.get(0)));
                continue;
            }
            StreamEntry read = StreamEntry.of((byte[]) entry.get(0), (List<?>) entry.get(1));
            attempts.put(read.id(), ((Long) entry.get(2)).intValue());
            taken.add(read);
        }
        offer(taken, attempts);
        if (entries.isEmpty()) {
            pendingFirst = false;
        } else {
            cursor = RedisKeys.text((byte[]) ((List<?>) entries.get(entries.size() - 1)).get(0));
        }
    }

    private void removed(String id) {
        LOG.error(
                "Entry removed from its stream before its group acknowledged it, it is lost to the group stream={} entry={} "
                        + "group={}",
                RedisKeys.text(stream),
                id,
                context.subscription().group());
    }

    private void fresh(List<Object> answer, int count) {
        if (!isMine(answer)) {
            return;
        }
        List<StreamEntry> entries = new ArrayList<>();
        for (Object each : (List<?>) answer.get(1)) {
            List<?> entry = (List<?>) each;
            entries.add(StreamEntry.of((byte[]) entry.get(0), (List<?>) entry.get(1)));
        }
        offer(entries, Map.of());
        drained = entries.size() < count;
        if (!entries.isEmpty()) {
            cursor = entries.get(entries.size() - 1).id();
        } else if (answer.size() > 2 && answer.get(2) instanceof byte[] last) {
            cursor = RedisKeys.text(last);
        }
    }

    private boolean isMine(List<Object> answer) {
        most = Math.min(MOST_AT_ONCE, most * 2);
        boolean mine = Long.valueOf(1).equals(answer.get(0));
        if (!mine) {
            lose();
        }
        return mine;
    }

    private void offer(List<StreamEntry> entries, Map<String, Integer> attempts) {
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

    @Override
    public void readFailed(Throwable cause) {
        if (Failures.isNoGroup(cause)) {
            LOG.error(
                    "Group or stream is gone, somebody removed it or Redis lost data; created anew, the group reads from the "
                            + "stream's first entry stream={} group={}",
                    RedisKeys.text(stream),
                    context.subscription().group());
            lose();
            return;
        }
        uncertain = true;
        most = Math.max(1, most / 4); // large entries may have taken too long
    }

    /** The lease is gone: no further handler begins. What runs goes on, and is acknowledged. */
    void lose() {
        lost = true;
        ended = true;
        var unused = queue.revoke();
        forgetAll();
    }

    /**
     * It is to go to another member: no further handler begins.
     *
     * @param limit when those that run are waited for no more, by the clock
     */
    void giveAway(long limit) {
        if (handlersEnded == null) {
            endsAt = limit;
            handlersEnded = queue.revoke();
            var unused = handlersEnded.thenRun(context.wake());
        }
    }

    boolean isGivenAway() {
        return handlersEnded != null;
    }

    /** Whether nothing is left to be waited for before the lease is released. */
    boolean isReleasable(long now) {
        CompletableFuture<Void> handlers = handlersEnded;
        boolean quiet = handlers != null
                && handlers.isDone()
                && acknowledgements.allDone().isDone();
        return quiet || (handlers != null && now - endsAt >= 0);
    }

    /** Releases the lease, with what the server is to know of attempts that were made here. */
    CompletableFuture<Long> release(Session session) {
        ended = true;
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(RedisKeys.bytes(lease.token()));
        arguments.add(RedisKeys.bytes(context.subscription().group()));
        arguments.add(RedisKeys.bytes(CONSUMER));
        open.values().forEach(delivery -> {
            arguments.add(RedisKeys.bytes(delivery.id()));
            arguments.add(RedisKeys.bytes(Integer.toString(delivery.attempts())));
        });
        forgetAll();
        return Scripts.releaseLease(session, stream, lease.key(), arguments);
    }

    private void forgetAll() {
        open.values().forEach(context.handler()::left);
    }

    // What follows is called by any thread.

    @Override
    public boolean holds() {
        LongSupplier nanoTime = context.nanoTime();
        return !ended && lease.holds(nanoTime.getAsLong());
    }

    @Override
    public void settled(StreamDelivery delivery, DeliveryOutcome outcome) {
        context.handler().left(delivery);
        if (outcome instanceof DeliveryOutcome.Delivered) {
            end(delivery);
        } else if (outcome instanceof DeliveryOutcome.DeadLetter dead) {
            context.deadLetters()
                    .keep(
                            context.subscription(),
                            delivery.received().message(),
                            delivery.attempts(),
                            dead.reason(),
                            () -> end(delivery));
        } else {
            throw new IllegalStateException("Cannot settle message "
                    + delivery.received().message().id() + " with " + outcome + ": it stays with the dispatcher");
        }
    }

    private void end(StreamDelivery delivery) {
        acknowledgements.settled(delivery.id());
        open.remove(delivery.id());
        acknowledged();
    }

    /** There may be room again. */
    void acknowledged() {
        if (full || handlersEnded != null) {
            context.wake().run();
        }
    }

    @Override
    public void failed(StreamDelivery delivery, int attempts) {
        if (!ended) {
            context.noteAttempts(stream, delivery.id(), attempts);
        }
    }
}
