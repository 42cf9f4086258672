package dev.tally.transport.jms;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * What waits to be sent, first in, first out. When a message fails, all that wait behind it with its key fail too, for the
 * caller to send them again after it. Thread-safe.
 */
final class SendQueue {

    private final int capacity;
    private final Deque<PendingSend> waiting = new ArrayDeque<>();
    private boolean closed;

    SendQueue(int capacity) {
        this.capacity = capacity;
    }

    void add(PendingSend send) {
        String refused;
        synchronized (waiting) {
            refused = closed
                    ? "the transport is closed"
                    : waiting.size() >= capacity ? "already " + capacity + " messages wait for the broker" : null;
            if (refused == null) {
                waiting.add(send);
                waiting.notifyAll();
            }
        }
        if (refused != null) {
            send.fail(refused, null);
        }
    }

    /**
     * Waits for something to send.
     *
     * @return in order, {@code most} at most; none where the queue is closed
     */
    List<PendingSend> take(int most) {
        List<PendingSend> taken = new ArrayList<>();
        Set<PendingSend.Lane> lost = new HashSet<>();
        synchronized (waiting) {
            while (waiting.isEmpty() && !closed) {
                try {
                    waiting.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    closed = true;
                }
            }
            while (taken.size() < most && !waiting.isEmpty()) {
                PendingSend next = waiting.remove();
                if (next.isDone()) {
                    // It waited too long, and its caller sends it again.
                    add(lost, next);
                } else if (next.lane() != null && lost.contains(next.lane())) {
                    failBehind(next);
                } else {
                    taken.add(next);
                }
            }
        }
        failBehind(lost);
        return taken;
    }

    /** Those of these keys that wait fail. */
    void failBehind(Set<PendingSend.Lane> lanes) {
        if (lanes.isEmpty()) {
            return;
        }
        List<PendingSend> behind = new ArrayList<>();
        synchronized (waiting) {
            Iterator<PendingSend> each = waiting.iterator();
            while (each.hasNext()) {
                PendingSend next = each.next();
                if (next.lane() != null && lanes.contains(next.lane())) {
                    each.remove();
                    behind.add(next);
                }
            }
        }
        behind.forEach(SendQueue::failBehind);
    }

    static void failBehind(PendingSend send) {
        send.fail("not sent, an earlier message with its key failed; to be sent again after it", null);
    }

    static void add(Set<PendingSend.Lane> lanes, PendingSend send) {
        if (send.lane() != null) {
            lanes.add(send.lane());
        }
    }

    boolean isClosed() {
        synchronized (waiting) {
            return closed;
        }
    }

    /** Nothing more is taken, and what waits fails. */
    void close() {
        List<PendingSend> left;
        synchronized (waiting) {
            closed = true;
            left = new ArrayList<>(waiting);
            waiting.clear();
            waiting.notifyAll();
        }
        left.forEach(send -> send.fail("the transport is closed", null));
    }
}
