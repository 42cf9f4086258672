package dev.tally.broker.pop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Leases by when they end. Each knows its place, so that ending one early costs O(log n) and no search. */
final class LeaseHeap {

    private static final int INITIAL = 16;

    private @Nullable Lease[] heap = new @Nullable Lease[INITIAL];
    private int size;

    @Nullable Lease first() {
        return heap[0];
    }

    /** Adds a lease, or moves it. */
    void schedule(Lease lease, long dueNanos) {
        lease.dueNanos = dueNanos;
        if (lease.place < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            set(size++, lease);
        }
        settle(lease);
    }

    /** Removes a lease; nothing happens where it is not in here. */
    void remove(Lease lease) {
        int place = lease.place;
        if (place < 0) {
            return;
        }
        lease.place = -1;
        Lease last = at(--size);
        heap[size] = null;
        if (last != lease) {
            set(place, last);
            settle(last);
        }
        if (size == 0 && heap.length > INITIAL) {
            heap = new @Nullable Lease[INITIAL];
        }
    }

    private void settle(Lease lease) {
        int place = lease.place;
        while (place > 0 && earlier(lease, at((place - 1) >>> 1))) {
            set(place, at((place - 1) >>> 1));
            place = (place - 1) >>> 1;
            set(place, lease);
        }
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && earlier(at(child + 1), at(child))) {
                child++;
            }
            if (!earlier(at(child), lease)) {
                return;
            }
            set(place, at(child));
            place = child;
            set(place, lease);
        }
    }

    private static boolean earlier(Lease one, Lease other) {
        return one.dueNanos - other.dueNanos < 0;
    }

    private Lease at(int place) {
        Lease lease = heap[place];
        if (lease == null) {
            throw new IllegalStateException("No lease stands at place " + place + " of " + size);
        }
        return lease;
    }

    private void set(int place, Lease lease) {
        heap[place] = lease;
        lease.place = place;
    }
}
