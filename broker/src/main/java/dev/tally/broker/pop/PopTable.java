package dev.tally.broker.pop;

import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.queue.OffsetTable;
import dev.tally.broker.store.CommittedOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Everything that was handed out to groups that pop and is not done yet.
 *
 * <p>A group's progress in a queue that it pops follows from this table: it is the first offset that is handed out and
 * not done, or, with nothing handed out, the first one that was not handed out. So retention keeps what may have to be
 * delivered again, and who asks for the progress sees it. Progress that is set from outside wins: what was handed out
 * before is forgotten, and the group goes on from there.
 *
 * <p>While the process lives, a lease ends by the monotonic clock; after a restart what is left of it is taken from the
 * wall clock, and is never more than the whole. A message is done or extended, whatever is planned first: the log's
 * writer plans in log order.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; those that are named for a record only by the log's
 * writer, in log order.
 *
 * @since 0.1
 */
public final class PopTable {

    private static final long HUNDRED_YEARS_MILLIS = TimeUnit.DAYS.toMillis(36_500);
    private static final long POLL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final BrokerClock clock;
    private final OffsetTable offsets;
    private final PopLimits limits;
    private final Map<PopKey, PopQueue> queues = new HashMap<>();
    private final LeaseHeap due = new LeaseHeap();
    private boolean recovering = true;
    private int count;

    /** An empty table in recovery, that keeps the progress of groups that pop in {@code offsets}. */
    public PopTable(BrokerClock clock, OffsetTable offsets, PopLimits limits) {
        this.clock = clock;
        this.offsets = offsets;
        this.limits = limits;
    }

    /** Whether a queue may be popped now. */
    public enum Readiness {
        /** It may. */
        READY,
        /** Another pop of the group is under way in it; it is ready in a moment. */
        BUSY,
        /** The group consumes in order, and a message before is still with a consumer. */
        BLOCKED,
        /** Too much of it is not acknowledged. */
        FULL
    }

    /** Whether a group may pop a queue now. */
    public synchronized Readiness readiness(PopKey key, boolean ordered, String attemptId) {
        PopQueue queue = queues.get(key);
        return queue == null ? Readiness.READY : readiness(queue, ordered, attemptId);
    }

    private Readiness readiness(PopQueue queue, boolean ordered, String attemptId) {
        if (queue.busy) {
            return Readiness.BUSY;
        }
        if (ordered && !queue.leases.isEmpty() && !isRepeated(queue, attemptId)) {
            long now = clock.nanoTime();
            for (Lease lease : queue.leases.values()) {
                if (lease.dueNanos - now > 0) {
                    return Readiness.BLOCKED;
                }
            }
            return Readiness.READY;
        }
        boolean full = count >= limits.ofAll() || queue.leases.size() >= limits.ofQueue();
        return full && !ordered ? Readiness.FULL : Readiness.READY;
    }

    private static boolean isRepeated(PopQueue queue, String attemptId) {
        return !attemptId.isEmpty() && attemptId.equals(queue.attemptId);
    }

    /**
     * The right to pop a queue, which is given to one at a time.
     *
     * @param readiness whether it was given
     * @param next from where to read what was not handed out yet
     * @param again what is to be handed out again, in order
     * @param popMillis what identifies the deliveries
     * @param repeated whether the last pop is repeated by whom did not get its answer
     */
    public record Turn(
            Readiness readiness, long next, List<LeaseEntry> again, long popMillis, boolean repeated, int resets) {}

    /**
     * Takes the right to pop a queue; {@link #release} gives it back.
     *
     * @param atMillis now, by the wall clock
     * @param start from where the group begins, by its progress, {@code -1} where it has none
     */
    public synchronized Turn take(
            PopKey key, boolean ordered, String attemptId, long atMillis, LongUnaryOperator start) {
        PopQueue queue = queues.computeIfAbsent(key, PopQueue::new);
        Readiness readiness = readiness(queue, ordered, attemptId);
        if (readiness != Readiness.READY) {
            return new Turn(readiness, 0, List.of(), 0, false, 0);
        }
        OptionalLong progress = offsets.get(key.group(), key.topic(), key.queueId());
        long next = queue.next != PopQueue.NONE ? queue.next : start.applyAsLong(progress.orElse(PopQueue.NONE));
        List<LeaseEntry> again = new ArrayList<>();
        long popMillis = Math.max(atMillis, queue.lastPopMillis + 1);
        if (ordered) {
            for (Lease lease : queue.leases.values()) {
                again.add(lease.entry());
                popMillis = Math.max(popMillis, lease.popMillis + 1);
            }
        }
        queue.busy = true;
        return new Turn(
                Readiness.READY,
                next,
                again,
                popMillis,
                ordered && !again.isEmpty() && isRepeated(queue, attemptId),
                queue.resets);
    }

    /** The pop is over, whatever became of it. */
    public synchronized void release(PopKey key) {
        PopQueue queue = queues.get(key);
        if (queue != null) {
            queue.busy = false;
        }
    }

    /** Claims what a pop is about to hand out; {@code false} where something came between, and nothing is claimed. */
    public synchronized boolean planPop(PopKey key, Turn turn, List<LeaseEntry> again) {
        PopQueue queue = queues.get(key);
        if (queue == null || queue.resetsPlanned > 0 || queue.resets != turn.resets()) {
            return false;
        }
        List<Lease> claimed = new ArrayList<>();
        for (LeaseEntry entry : again) {
            Lease lease = queue.leases.get(entry.offset());
            if (lease == null || lease.popMillis != entry.popMillis() || lease.planned != Lease.Planned.NOTHING) {
                return false;
            }
            claimed.add(lease);
        }
        claimed.forEach(lease -> lease.planned = Lease.Planned.OTHER);
        return true;
    }

    /** What a claim met. */
    public enum Claim {
        /** The delivery is claimed. */
        CLAIMED,
        /** It is being acknowledged already. */
        ACKNOWLEDGED,
        /** It is over: done, ended, extended under another name, or never was. */
        STALE
    }

    /** Claims a delivery, for its acknowledgement or for something else, for a record that is about to be written. */
    public synchronized Claim plan(PopKey key, long offset, long popMillis, boolean acknowledge) {
        Lease lease = find(key, offset);
        if (lease == null || lease.popMillis != popMillis) {
            return Claim.STALE;
        }
        if (lease.planned != Lease.Planned.NOTHING) {
            return lease.planned == Lease.Planned.ACK ? Claim.ACKNOWLEDGED : Claim.STALE;
        }
        lease.planned = acknowledge ? Lease.Planned.ACK : Lease.Planned.OTHER;
        return Claim.CLAIMED;
    }

    /** Gives up a claim whose record was not written. */
    public synchronized void unplan(PopKey key, long offset) {
        Lease lease = find(key, offset);
        if (lease != null) {
            lease.planned = Lease.Planned.NOTHING;
        }
    }

    /** Progress is about to be set from outside. */
    public synchronized void planReset(PopKey key) {
        PopQueue queue = queues.get(key);
        if (queue != null) {
            queue.resetsPlanned++;
        }
    }

    /** What {@link #planReset} announced was written, or not. */
    public synchronized void resetSettled(PopKey key) {
        PopQueue queue = queues.get(key);
        if (queue != null && queue.resetsPlanned > 0) {
            queue.resetsPlanned--;
        }
    }

    /** The identity and the length of an extension: never one that the delivery had before. */
    public synchronized @Nullable LeaseEntry extension(PopKey key, long offset, long invisibleMillis) {
        Lease lease = find(key, offset);
        if (lease == null) {
            return null;
        }
        if (lease.queue.ordered) {
            // The consumer goes on with the name that the whole batch has.
            long length = Math.max(0, clock.millis() - lease.popMillis) + invisibleMillis;
            return new LeaseEntry(offset, lease.popMillis, length, lease.redelivered);
        }
        long popMillis = Math.max(clock.millis(), Math.max(lease.queue.lastPopMillis, lease.popMillis) + 1);
        lease.queue.lastPopMillis = popMillis;
        return new LeaseEntry(offset, popMillis, invisibleMillis, lease.redelivered);
    }

    /** A record says that messages were handed out. */
    public synchronized void popped(
            PopKey key, long next, boolean ordered, boolean repeated, String attemptId, List<LeaseEntry> taken) {
        PopQueue queue = queues.computeIfAbsent(key, PopQueue::new);
        setOrdered(queue, ordered);
        queue.next = next;
        queue.attemptId = attemptId;
        for (LeaseEntry entry : taken) {
            Lease before = queue.leases.get(entry.offset());
            int redelivered = before == null ? 0 : before.redelivered + (repeated ? 0 : 1);
            queue.lastPopMillis = Math.max(queue.lastPopMillis, entry.popMillis());
            put(
                    queue,
                    new LeaseEntry(entry.offset(), entry.popMillis(), entry.invisibleMillis(), redelivered),
                    entry.invisibleMillis());
        }
        settle(queue);
    }

    /** A record says that what was handed out at some offsets is done. */
    public synchronized void ended(PopKey key, List<Long> done) {
        PopQueue queue = queues.get(key);
        if (queue != null && !queue.leases.isEmpty()) {
            done.forEach(offset -> remove(queue, offset));
            settle(queue);
        }
    }

    /** A record says that a delivery stays invisible for another time. */
    public synchronized void changed(PopKey key, LeaseEntry entry) {
        PopQueue queue = queues.get(key);
        if (queue != null && queue.leases.containsKey(entry.offset())) {
            // An ordered delivery keeps its name when it is extended: its time counts from the pop.
            long left = entry.invisibleMillis();
            put(queue, entry, queue.ordered ? entry.popMillis() + left - clock.millis() : left);
        }
    }

    /** A record, or a snapshot, says all of a range. */
    public synchronized void restore(PopQueueEntry entry) {
        PopQueue queue = queues.computeIfAbsent(entry.key(), PopQueue::new);
        setOrdered(queue, entry.ordered());
        queue.next = entry.next();
        queue.attemptId = entry.attemptId();
        List.copyOf(queue.leases.subMap(entry.from(), entry.to()).keySet()).forEach(offset -> remove(queue, offset));
        entry.leases().forEach(lease -> put(queue, lease, lease.invisibleMillis()));
        settle(queue);
    }

    /** A record sets a group's progress: where that is not what follows from this table, it is forgotten. */
    public synchronized void progressed(CommittedOffset progress) {
        PopKey key = new PopKey(progress.group(), progress.topic(), progress.queueId());
        PopQueue queue = queues.get(key);
        if (queue != null) {
            queue.resets++;
            if (!queue.leases.isEmpty() && queue.committed() != progress.offset()) {
                forget(queue);
            }
        }
        offsets.set(progress);
    }

    /** A record says that a topic is gone, and with it every group's progress in it. */
    public synchronized void dropTopic(String topic) {
        offsets.dropTopic(topic);
        queues.values().stream()
                .filter(queue -> queue.key.topic().equals(topic))
                .forEach(this::reset);
    }

    /** A record says that a group's progress is gone. */
    public synchronized void dropGroup(String group) {
        offsets.dropGroup(group);
        queues.values().stream()
                .filter(queue -> queue.key.group().equals(group))
                .forEach(this::reset);
    }

    private void reset(PopQueue queue) {
        queue.resets++;
        forget(queue);
    }

    private void forget(PopQueue queue) {
        queue.leases.values().forEach(due::remove);
        count -= queue.leases.size();
        queue.leases.clear();
        clear(queue);
    }

    private static void clear(PopQueue queue) {
        queue.next = PopQueue.NONE;
        queue.attemptId = "";
        queue.ordered = false;
    }

    /** Who consumes in order gets what ended with a later pop; whoever does not needs it written again. */
    private void setOrdered(PopQueue queue, boolean ordered) {
        if (queue.ordered && !ordered && !recovering) {
            queue.leases.values().forEach(lease -> due.schedule(lease, lease.dueNanos));
        }
        queue.ordered = ordered;
    }

    private void put(PopQueue queue, LeaseEntry entry, long leftMillis) {
        remove(queue, entry.offset());
        Lease lease = new Lease(queue, entry);
        queue.leases.put(entry.offset(), lease);
        count++;
        if (!recovering) {
            long left = Math.max(0, Math.min(leftMillis, HUNDRED_YEARS_MILLIS));
            due.schedule(lease, clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(left));
        }
    }

    private void remove(PopQueue queue, long offset) {
        Lease lease = queue.leases.remove(offset);
        if (lease != null) {
            due.remove(lease);
            count--;
        }
    }

    private void settle(PopQueue queue) {
        PopKey key = queue.key;
        offsets.set(new CommittedOffset(key.group(), key.topic(), key.queueId(), queue.committed()));
        if (queue.leases.isEmpty()) {
            clear(queue);
        }
    }

    private @Nullable Lease find(PopKey key, long offset) {
        PopQueue queue = queues.get(key);
        return queue == null ? null : queue.leases.get(offset);
    }

    /** Ends the recovery: from now on leases end. */
    public synchronized void recovered() {
        recovering = false;
        long nowNanos = clock.nanoTime();
        long nowMillis = clock.millis();
        for (PopQueue queue : queues.values()) {
            for (Lease lease : queue.leases.values()) {
                long left = Math.min(lease.popMillis + lease.invisibleMillis - nowMillis, lease.invisibleMillis);
                long bounded = Math.max(-HUNDRED_YEARS_MILLIS, Math.min(left, HUNDRED_YEARS_MILLIS));
                due.schedule(lease, nowNanos + TimeUnit.MILLISECONDS.toNanos(bounded));
            }
        }
    }

    /**
     * A delivery whose time is over.
     *
     * @param ordered whether the queue was unblocked by that, and the message comes with the next pop
     */
    public record Ended(PopKey key, LeaseEntry lease, boolean ordered) {}

    /** Deliveries whose time is over, the oldest first; one that is not done is told again seconds later. */
    public synchronized List<Ended> pollEnded(int max) {
        List<Ended> ended = new ArrayList<>();
        long now = clock.nanoTime();
        for (Lease lease = due.first();
                lease != null && lease.dueNanos - now <= 0 && ended.size() < max;
                lease = due.first()) {
            ended.add(new Ended(lease.queue.key, lease.entry(), lease.queue.ordered));
            if (lease.queue.ordered) {
                due.remove(lease);
            } else {
                due.schedule(lease, now + POLL_AGAIN_NANOS);
            }
        }
        return ended;
    }

    /** All that is handed out, for a snapshot, in no particular order. */
    public synchronized void forEach(Consumer<PopQueueEntry> visitor) {
        for (PopQueue queue : queues.values()) {
            if (!queue.leases.isEmpty()) {
                visitor.accept(entry(queue, 0, Long.MAX_VALUE));
            }
        }
    }

    /** What is handed out of a range of offsets now. */
    public synchronized @Nullable PopQueueEntry range(PopKey key, long from, long to) {
        PopQueue queue = queues.get(key);
        return queue == null || queue.leases.isEmpty() ? null : entry(queue, from, to);
    }

    private static PopQueueEntry entry(PopQueue queue, long from, long to) {
        List<LeaseEntry> leases = queue.leases.subMap(from, to).values().stream()
                .map(Lease::entry)
                .toList();
        return new PopQueueEntry(queue.key, from, to, queue.next, queue.ordered, queue.attemptId, leases);
    }

    /** The first offset that was not handed out to a group; {@code first} where it never had anything. */
    public synchronized long next(PopKey key, long first) {
        PopQueue queue = queues.get(key);
        return queue != null && queue.next != PopQueue.NONE
                ? queue.next
                : offsets.get(key.group(), key.topic(), key.queueId()).orElse(first);
    }

    /** How many messages are handed out and not done. */
    public synchronized int size() {
        return count;
    }

    /** How many messages of a queue are handed out to a group and not done. */
    public synchronized int size(PopKey key) {
        PopQueue queue = queues.get(key);
        return queue == null ? 0 : queue.leases.size();
    }
}
