package dev.tally.consume.dispatch;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * Up to where a queue is settled without a gap, for transports that acknowledge a position. Thread-safe.
 *
 * @since 0.1
 */
public final class Watermark {

    private final ArrayDeque<Long> open = new ArrayDeque<>();
    private final Set<Long> settledAhead = new HashSet<>();
    private long next;

    /**
     * Nothing is open yet.
     *
     * @param next the position of the first message to come
     */
    public Watermark(long next) {
        this.next = next;
    }

    /**
     * A message came.
     *
     * @param position higher than all before it; what is left out (filtered, removed) counts as settled
     */
    public synchronized void opened(long position) {
        Long last = open.peekLast();
        if (position < next || (last != null && position <= last)) {
            throw new IllegalArgumentException("Cannot open position " + position + ": "
                    + (last == null ? next : last + 1) + " is the next that is possible");
        }
        open.add(position);
    }

    /** A message that came is settled; again changes nothing. */
    public synchronized void settled(long position) {
        if (position < next) {
            return;
        }
        settledAhead.add(position);
        while (!open.isEmpty() && settledAhead.remove(open.peekFirst())) {
            next = open.removeFirst() + 1;
        }
    }

    /** The position behind the last message up to which everything is settled. */
    public synchronized long next() {
        return next;
    }

    /** How many messages have come and are not behind the mark, settled or not. */
    public synchronized int size() {
        return open.size();
    }
}
