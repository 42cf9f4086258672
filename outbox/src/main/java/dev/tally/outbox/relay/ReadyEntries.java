package dev.tally.outbox.relay;

import dev.tally.outbox.relay.HeldEntry.Origin;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What can be sent now, of three kinds: what publishing transactions hand over, what was published lately and read back,
 * and the backlog: what waits since before the transport came back, or this node began to send it. Guarded by
 * {@link Lanes}.
 */
final class ReadyEntries {

    private static final int KINDS = 3;

    private final Deque<HeldEntry> fresh = new ArrayDeque<>();
    private final Deque<HeldEntry> readBack = new ArrayDeque<>();
    // The oldest first; what a closed circuit handed back goes behind the others, so that probes take turns.
    private final PriorityQueue<HeldEntry> backlog = new PriorityQueue<>(
            Comparator.comparingInt(HeldEntry::timesHandedBack).thenComparingLong(HeldEntry::id));
    private final DrainRate rate;
    private long backlogUpTo;
    private long lanesBacklogUpTo;
    private int turn;

    ReadyEntries(DrainRate rate) {
        this.rate = rate;
    }

    void add(HeldEntry entry) {
        queueOf(entry).add(entry);
    }

    private Queue<HeldEntry> queueOf(HeldEntry entry) {
        if (isBacklog(entry)) {
            return backlog;
        }
        return entry.origin() == Origin.FRESH ? fresh : readBack;
    }

    private boolean isBacklog(HeldEntry entry) {
        if (entry.entry().isDue()) {
            return false;
        }
        return switch (entry.origin()) {
            case ADOPTED -> true;
            case LANE -> entry.id() <= Math.max(backlogUpTo, lanesBacklogUpTo);
            case FRESH, SPILLED -> entry.id() <= backlogUpTo;
        };
    }

    /** From now on, everything up to this id is backlog. */
    void backlogUpTo(long id) {
        backlogUpTo = Math.max(backlogUpTo, id);
        sortAgain();
    }

    /** The same for rows of lanes only, whoever wrote them: this id was looked up, and others were published meanwhile. */
    void lanesBacklogUpTo(long id) {
        lanesBacklogUpTo = Math.max(lanesBacklogUpTo, id);
        sortAgain();
    }

    private void sortAgain() {
        List<HeldEntry> all = new ArrayList<>(backlog);
        all.addAll(fresh);
        all.addAll(readBack);
        clear();
        all.forEach(HeldEntry::forgetHandedBack);
        all.forEach(this::add);
    }

    /**
     * Takes entries to send. Fresh ones come first, then those read back, then the backlog as far as its rate allows, but
     * of what is left a quarter is kept each time for those who come later, so that nobody waits for ever.
     *
     * @param wanted says whether an entry is still to be sent, and is taken if it is; those that are not are left out
     */
    List<HeldEntry> take(int count, Predicate<HeldEntry> wanted) {
        List<HeldEntry> batch = new ArrayList<>();
        if (count <= 0) {
            return batch;
        }
        if (count == 1) {
            takeOne(batch, wanted);
            return batch;
        }
        int old = rate.available(backlog.size());
        int forOthers = Math.min(readBack.size() + old, quarterOf(count));
        poll(fresh, batch, count - forOthers, wanted);
        int forBacklog = Math.min(old, quarterOf(count - batch.size()));
        poll(readBack, batch, count - forBacklog, wanted);
        int before = batch.size();
        poll(backlog, batch, Math.min(count, before + old), wanted);
        rate.used(batch.size() - before);
        poll(readBack, batch, count, wanted);
        poll(fresh, batch, count, wanted);
        return batch;
    }

    /** A batch of one, a probe, goes to each kind in turn: so none waits for another's failures. */
    private void takeOne(List<HeldEntry> batch, Predicate<HeldEntry> wanted) {
        for (int i = 0; i < KINDS && batch.isEmpty(); i++) {
            turn = (turn + 1) % KINDS;
            switch (turn) {
                case 0 -> poll(fresh, batch, 1, wanted);
                case 1 -> poll(readBack, batch, 1, wanted);
                default -> {
                    poll(backlog, batch, rate.available(1), wanted);
                    rate.used(batch.size());
                }
            }
        }
    }

    private static int quarterOf(int count) {
        return Math.max(1, count / 4);
    }

    private static void poll(Queue<HeldEntry> from, List<HeldEntry> batch, int limit, Predicate<HeldEntry> wanted) {
        while (batch.size() < limit && !from.isEmpty()) {
            HeldEntry next = from.remove();
            if (wanted.test(next)) {
                batch.add(next);
            }
        }
    }

    /** When to take the next of the backlog, where its rate holds it back; {@code null} if nothing waits for that. */
    @Nullable Duration untilMore() {
        return backlog.isEmpty() || !rate.isLimited() ? null : rate.untilMore();
    }

    void clear() {
        fresh.clear();
        readBack.clear();
        backlog.clear();
    }
}
