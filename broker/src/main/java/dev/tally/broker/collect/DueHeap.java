package dev.tally.broker.collect;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap by monotonic due time in which an element knows its place, so that moving or removing one costs
 * O(log n) and no search. Not thread-safe.
 *
 * @param <E> the elements
 * @since 0.1
 */
public final class DueHeap<E extends DueHeap.Due> {

    /**
     * An element of a heap.
     *
     * @since 0.1
     */
    public abstract static class Due {

        private long dueNanos;
        private int place = -1;

        /** An element that is in no heap yet. */
        protected Due() {}

        /** When it is due, by the monotonic clock. */
        public final long dueNanos() {
            return dueNanos;
        }
    }

    private @Nullable Due[] heap = new @Nullable Due[16];
    private int size;

    /** An empty heap. */
    public DueHeap() {}

    /** The number of elements. */
    public int size() {
        return size;
    }

    /** The element that is due first, {@code null} where there is none. */
    @SuppressWarnings("unchecked") // only schedule() writes elements, and it takes an E
    public @Nullable E first() {
        return size == 0 ? null : (E) heap[0];
    }

    /** Adds an element, or moves it where it is in the heap already. */
    public void schedule(E element, long dueNanos) {
        Due due = element;
        due.dueNanos = dueNanos;
        if (due.place < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            set(size++, due);
        }
        siftUp(due);
        siftDown(due);
    }

    /** Removes an element; nothing happens where it is not in the heap. */
    public void remove(E element) {
        Due due = element;
        int place = due.place;
        if (place < 0) {
            return;
        }
        due.place = -1;
        Due last = at(--size);
        heap[size] = null;
        if (last != due) {
            set(place, last);
            siftUp(last);
            siftDown(last);
        }
    }

    private void siftUp(Due due) {
        while (due.place > 0) {
            int place = due.place;
            Due parent = at((place - 1) >>> 1);
            if (parent.dueNanos - due.dueNanos <= 0) {
                return;
            }
            set((place - 1) >>> 1, due);
            set(place, parent);
        }
    }

    private void siftDown(Due due) {
        while (2 * due.place + 1 < size) {
            int place = due.place;
            int child = 2 * place + 1;
            if (child + 1 < size && at(child + 1).dueNanos - at(child).dueNanos < 0) {
                child++;
            }
            Due smaller = at(child);
            if (due.dueNanos - smaller.dueNanos <= 0) {
                return;
            }
            set(child, due);
            set(place, smaller);
        }
    }

    private void set(int place, Due due) {
        heap[place] = due;
        due.place = place;
    }

    private Due at(int place) {
        Due due = heap[place];
        if (due == null) {
            throw new IllegalStateException("No element at place " + place + " of a heap of " + size);
        }
        return due;
    }
}
