package dev.tally.broker.timer;

import dev.tally.broker.collect.DueHeap;
import dev.tally.broker.collect.LongMap;
import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.queue.MessageRef;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All delayed messages that are not visible yet.
 *
 * <p>While the process lives a message is due by the monotonic clock alone, so a jump of the wall clock makes nothing
 * early and nothing late. After a restart what is left of the delay is taken from the wall clock, and is never more than
 * the whole delay. Time that the machine spends suspended counts only after a restart.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class TimerTable {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final BrokerClock clock;
    private final LongMap<Scheduled> waiting = new LongMap<>();
    private final DueHeap<Scheduled> due = new DueHeap<>();
    private boolean recovering = true;

    private static final class Scheduled extends DueHeap.Due {

        final MessageRef message;
        final long delayMillis;
        final long dueMillis;

        Scheduled(MessageRef message, long delayMillis, long dueMillis) {
            this.message = message;
            this.delayMillis = delayMillis;
            this.dueMillis = dueMillis;
        }
    }

    /** An empty table in recovery: nothing is due before {@link #recovered}. */
    public TimerTable(BrokerClock clock) {
        this.clock = clock;
    }

    /**
     * A delayed message is in the log.
     *
     * @param delayMillis how long it stays invisible
     * @param fromMillis since when, by the wall clock
     */
    public synchronized void scheduled(MessageRef message, long delayMillis, long fromMillis) {
        Scheduled entry = new Scheduled(message, delayMillis, fromMillis + delayMillis);
        waiting.put(message.position(), entry);
        if (!recovering) {
            due.schedule(entry, clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis));
        }
    }

    /** Ends the recovery: from now on messages become due. */
    public synchronized void recovered() {
        recovering = false;
        long nowNanos = clock.nanoTime();
        long nowMillis = clock.millis();
        waiting.forEach(entry -> {
            long left = Math.max(0, Math.min(entry.dueMillis - nowMillis, entry.delayMillis));
            due.schedule(entry, nowNanos + TimeUnit.MILLISECONDS.toNanos(left));
        });
    }

    /** The positions of messages that are due now; they are not due again unless {@link #retry} puts them back. */
    public synchronized List<Long> pollDue(int max) {
        List<Long> positions = new ArrayList<>();
        long now = clock.nanoTime();
        for (Scheduled entry = due.first();
                entry != null && entry.dueNanos() - now <= 0 && positions.size() < max;
                entry = due.first()) {
            due.remove(entry);
            positions.add(entry.message.position());
        }
        return positions;
    }

    /** The record that should have made a due message visible was not written: it is tried again soon. */
    public synchronized void retry(long position) {
        Scheduled entry = waiting.get(position);
        if (entry != null) {
            due.schedule(entry, clock.nanoTime() + RETRY_NANOS);
        }
    }

    /** A message's timer fired, in the log: it is no longer delayed. */
    public synchronized MessageRef fired(long position) {
        Scheduled entry = waiting.get(position);
        if (entry == null) {
            throw new IllegalStateException("No delayed message stands at position " + position);
        }
        waiting.remove(position);
        due.remove(entry);
        return entry.message;
    }

    /** The delayed message at a position, {@code null} where none is. */
    public synchronized @Nullable MessageRef find(long position) {
        Scheduled entry = waiting.get(position);
        return entry == null ? null : entry.message;
    }

    /** How many delayed messages are for a topic. */
    public synchronized int countOfTopic(String topic) {
        int[] count = {0};
        waiting.forEach(entry -> count[0] += entry.message.queue().topic().equals(topic) ? 1 : 0);
        return count[0];
    }

    /** How many messages are delayed. */
    public synchronized int size() {
        return waiting.size();
    }
}
