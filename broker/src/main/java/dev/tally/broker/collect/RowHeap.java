package dev.tally.broker.collect;

import java.util.Arrays;

/**
 * A binary heap of rows by monotonic due time. Each row holds its due time and its place in the heap, so that moving or
 * removing one costs O(log n) and no search. Not thread-safe.
 *
 * @since 0.1
 */
public final class RowHeap {

    private static final int INITIAL = 16;

    private final LongRows rows;
    private final int dueField;
    private final int placeField;
    private int[] heap = new int[INITIAL];
    private int size;

    /**
     * An empty heap.
     *
     * @param dueField the field that holds the due time, by the monotonic clock
     * @param placeField the field whose lower half holds the place; 0 in a row that is in no heap
     */
    public RowHeap(LongRows rows, int dueField, int placeField) {
        this.rows = rows;
        this.dueField = dueField;
        this.placeField = placeField;
    }

    /** The number of rows. */
    public int size() {
        return size;
    }

    /** The row that is due first, {@code -1} where there is none. */
    public int first() {
        return size == 0 ? -1 : heap[0];
    }

    /** When a row is due. */
    public long dueNanos(int row) {
        return rows.get(row, dueField);
    }

    /** Adds a row, or moves it where it is in this heap already. It must be in no other. */
    public void schedule(int row, long dueNanos) {
        rows.set(row, dueField, dueNanos);
        int place = place(row);
        if (place < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            place = size++;
            set(place, row);
        }
        settle(place);
    }

    /** Removes a row; nothing happens where it is in no heap. */
    public void remove(int row) {
        int place = place(row);
        if (place < 0) {
            return;
        }
        rows.setLow(row, placeField, 0);
        int last = heap[--size];
        if (last != row) {
            set(place, last);
            settle(place);
        }
        if (size == 0 && heap.length > INITIAL) {
            heap = new int[INITIAL];
        }
    }

    private void settle(int place) {
        siftDown(siftUp(place));
    }

    private int siftUp(int from) {
        int place = from;
        while (place > 0 && earlier(place, (place - 1) >>> 1)) {
            swap(place, (place - 1) >>> 1);
            place = (place - 1) >>> 1;
        }
        return place;
    }

    private void siftDown(int from) {
        int place = from;
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && earlier(child + 1, child)) {
                child++;
            }
            if (!earlier(child, place)) {
                return;
            }
            swap(child, place);
            place = child;
        }
    }

    private boolean earlier(int place, int other) {
        return dueNanos(heap[place]) - dueNanos(heap[other]) < 0;
    }

    private void swap(int place, int other) {
        int row = heap[place];
        set(place, heap[other]);
        set(other, row);
    }

    private void set(int place, int row) {
        heap[place] = row;
        rows.setLow(row, placeField, place + 1);
    }

    private int place(int row) {
        return rows.low(row, placeField) - 1;
    }
}
