package dev.tally.broker.collect;

import java.util.function.IntConsumer;
import java.util.function.IntToLongFunction;

/**
 * Finds rows by a key that stands in the row itself, so that a slot takes four bytes: open addressing, linear probing,
 * half to three quarters of the slots used. Not thread-safe.
 *
 * @since 0.1
 */
public final class RowMap {

    private static final int INITIAL = 16;

    private final IntToLongFunction keyOf;
    private int[] slots = new int[INITIAL];
    private int size;

    /** An empty map; {@code keyOf} tells the key of a row that was put in, which must not change meanwhile. */
    public RowMap(IntToLongFunction keyOf) {
        this.keyOf = keyOf;
    }

    /** The number of rows. */
    public int size() {
        return size;
    }

    /** The row with that key, {@code -1} where there is none. */
    public int find(long key) {
        return slots[slotOf(key)] - 1;
    }

    /** Adds a row, or puts it in the place of the one with the same key. */
    public void put(int row) {
        if ((size + 1) * 4L > slots.length * 3L) {
            resize(slots.length * 2);
        }
        int slot = slotOf(keyOf.applyAsLong(row));
        if (slots[slot] == 0) {
            size++;
        }
        slots[slot] = row + 1;
    }

    /** Removes the row with that key; nothing happens where there is none. */
    public void remove(long key) {
        int hole = slotOf(key);
        if (slots[hole] == 0) {
            return;
        }
        size--;
        int mask = slots.length - 1;
        // Entries behind the hole move up, so that probing never has to step over tombstones.
        for (int next = (hole + 1) & mask; slots[next] != 0; next = (next + 1) & mask) {
            int home = home(keyOf.applyAsLong(slots[next] - 1), mask);
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                slots[hole] = slots[next];
                hole = next;
            }
        }
        slots[hole] = 0;
        if (size == 0 && slots.length > INITIAL) {
            slots = new int[INITIAL];
        }
    }

    /** Visits all rows, in no particular order; the map must not change meanwhile. */
    public void forEach(IntConsumer visitor) {
        // Not from the first slot to the last: whoever fills another map in that order piles everything up at its
        // start.
        for (int i = 0; i < slots.length; i++) {
            int slot = slots[(i * LongLongMap.VISIT_STRIDE) & (slots.length - 1)];
            if (slot != 0) {
                visitor.accept(slot - 1);
            }
        }
    }

    private void resize(int length) {
        int[] old = slots;
        slots = new int[length];
        for (int slot : old) {
            if (slot != 0) {
                slots[slotOf(keyOf.applyAsLong(slot - 1))] = slot;
            }
        }
    }

    private int slotOf(long key) {
        int mask = slots.length - 1;
        int slot = home(key, mask);
        while (slots[slot] != 0 && keyOf.applyAsLong(slots[slot] - 1) != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private static int home(long key, int mask) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & mask;
    }
}
