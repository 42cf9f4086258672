package dev.tally.broker.timer;

import dev.tally.broker.collect.LongRows;
import dev.tally.broker.collect.Numbered;
import dev.tally.broker.collect.RecentLongs;
import dev.tally.broker.collect.RowHeap;
import dev.tally.broker.collect.RowMap;
import dev.tally.broker.env.BrokerClock;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All delayed messages that are not visible yet: 69 bytes each with all slots, measured with a million.
 *
 * <p>While the process lives a message is due by the monotonic clock alone, so a jump of the wall clock makes nothing
 * early and nothing late. After a restart what is left of the delay is taken from the wall clock, and is never more than
 * the whole delay. Time that the machine spends suspended counts only after a restart.
 *
 * <p>A message fires or is cancelled, whatever is planned first ({@link #plan}): the log's writer plans in log order.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class TimerTable {

    /*
     * 0 position | 1 tags hash | 2 delay ms | 3 due ms by the wall clock | 4 due by the monotonic clock
     * 5 queue, payload bytes | 6 planned (1 or 0), place in the heap
     */
    private static final int POSITION = 0;
    private static final int TAGS_HASH = 1;
    private static final int DELAY = 2;
    private static final int DUE_MILLIS = 3;
    private static final int DUE = 4;
    private static final int QUEUE_AND_BYTES = 5;
    private static final int PLANNED_AND_PLACE = 6;
    private static final int WIDTH = 7;

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long MOST_LATE_MILLIS = TimeUnit.DAYS.toMillis(36_500);
    private static final int REMEMBERED_CANCELS = 100_000;

    private final BrokerClock clock;
    private final LongRows rows = new LongRows(WIDTH);
    private final RowMap byPosition = new RowMap(row -> rows.get(row, POSITION));
    private final RowHeap due = new RowHeap(rows, DUE, PLANNED_AND_PLACE);
    private final Numbered<QueueIndex> queues = new Numbered<>();
    private final RecentLongs cancelled = new RecentLongs(REMEMBERED_CANCELS);
    private boolean recovering = true;
    private boolean paused;
    private long pausedUntilNanos;

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
        int row = add(new TimerEntry(message, delayMillis, fromMillis + delayMillis));
        if (!recovering) {
            due.schedule(row, clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis));
        }
    }

    /** Visits all delayed messages, for a snapshot, in no particular order. */
    public synchronized void forEach(Consumer<TimerEntry> visitor) {
        byPosition.forEach(row -> visitor.accept(entry(row)));
    }

    /** The delayed message at a position with its times, {@code null} where none is. */
    public synchronized @Nullable TimerEntry entryAt(long position) {
        int row = byPosition.find(position);
        return row < 0 ? null : entry(row);
    }

    private TimerEntry entry(int row) {
        return new TimerEntry(message(row), rows.get(row, DELAY), rows.get(row, DUE_MILLIS));
    }

    /** Puts a delayed message back as a snapshot has it; only before {@link #recovered}. */
    public synchronized void restore(TimerEntry entry) {
        add(entry);
    }

    private int add(TimerEntry entry) {
        int row = rows.add();
        rows.set(row, POSITION, entry.message().position());
        rows.set(row, TAGS_HASH, entry.message().tagsHash());
        rows.set(row, DELAY, entry.delayMillis());
        rows.set(row, DUE_MILLIS, entry.dueMillis());
        rows.setHigh(row, QUEUE_AND_BYTES, queues.numberOf(entry.message().queue()));
        rows.setLow(row, QUEUE_AND_BYTES, entry.message().payloadBytes());
        byPosition.put(row);
        return row;
    }

    /** Ends the recovery: from now on messages become due, what was due meanwhile in the order in which it was. */
    public synchronized void recovered() {
        recovering = false;
        long nowNanos = clock.nanoTime();
        long nowMillis = clock.millis();
        byPosition.forEach(row -> {
            long left = Math.min(rows.get(row, DUE_MILLIS) - nowMillis, rows.get(row, DELAY));
            due.schedule(row, nowNanos + TimeUnit.MILLISECONDS.toNanos(Math.max(left, -MOST_LATE_MILLIS)));
        });
    }

    /** The positions of messages that are due now; they are not due again unless {@link #retry} puts them back. */
    public synchronized List<Long> pollDue(int max) {
        List<Long> positions = new ArrayList<>();
        long now = clock.nanoTime();
        if (paused && pausedUntilNanos - now > 0) {
            return positions;
        }
        paused = false;
        for (int row = due.first();
                row >= 0 && due.dueNanos(row) - now <= 0 && positions.size() < max;
                row = due.first()) {
            due.remove(row);
            positions.add(rows.get(row, POSITION));
        }
        return positions;
    }

    /** The record that should have made a due message visible was not written: it is tried again soon. */
    public synchronized void retry(long position) {
        int row = byPosition.find(position);
        if (row >= 0) {
            // The due time stays, so that the message knows how late it is; what refused one refuses all: all wait.
            due.schedule(row, due.dueNanos(row));
            pausedUntilNanos = clock.nanoTime() + RETRY_NANOS;
            paused = true;
        }
    }

    /**
     * Claims the end of a delay, by firing or cancelling, for a record that is about to be written.
     *
     * @return the message, {@code null} where it is not delayed (any more) or its end is claimed
     */
    public synchronized @Nullable MessageRef plan(long position) {
        int row = byPosition.find(position);
        if (row < 0 || rows.high(row, PLANNED_AND_PLACE) != 0) {
            return null;
        }
        rows.setHigh(row, PLANNED_AND_PLACE, 1);
        return message(row);
    }

    /** Gives up a planned end whose record was not written. */
    public synchronized void unplan(long position) {
        int row = byPosition.find(position);
        if (row >= 0) {
            rows.setHigh(row, PLANNED_AND_PLACE, 0);
        }
    }

    /** How late a delayed message is now, in milliseconds, 0 before its time and for an unknown one. */
    public synchronized long lateMillis(long position) {
        int row = byPosition.find(position);
        return row < 0 ? 0 : Math.max(0, TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - due.dueNanos(row)));
    }

    /** A message's timer fired, in the log: it is no longer delayed. */
    public synchronized MessageRef fired(long position) {
        return end(position);
    }

    /** A delayed message was cancelled, in the log: it never becomes visible. */
    public synchronized void cancelled(long position) {
        end(position);
        cancelled.put(position, 1);
    }

    private MessageRef end(long position) {
        int row = byPosition.find(position);
        if (row < 0) {
            throw new IllegalStateException("No delayed message stands at position " + position);
        }
        MessageRef message = message(row);
        due.remove(row);
        byPosition.remove(position);
        rows.remove(row);
        return message;
    }

    /** Whether a message was cancelled lately. */
    public synchronized boolean wasCancelled(long position) {
        return position != 0 && cancelled.get(position, 0) == 1;
    }

    /** The delayed message at a position, {@code null} where none is. */
    public synchronized @Nullable MessageRef find(long position) {
        int row = byPosition.find(position);
        return row < 0 ? null : message(row);
    }

    private MessageRef message(int row) {
        return new MessageRef(
                queues.get(rows.high(row, QUEUE_AND_BYTES)),
                rows.get(row, POSITION),
                rows.low(row, QUEUE_AND_BYTES),
                rows.get(row, TAGS_HASH));
    }

    /** How many delayed messages are for a topic. */
    public synchronized int countOfTopic(String topic) {
        int[] count = {0};
        byPosition.forEach(row -> count[0] += message(row).queue().topic().equals(topic) ? 1 : 0);
        return count[0];
    }

    /** How many messages are delayed. */
    public synchronized int size() {
        return byPosition.size();
    }
}
