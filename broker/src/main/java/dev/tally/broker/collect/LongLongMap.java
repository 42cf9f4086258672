package dev.tally.broker.collect;

/**
 * A map from non-zero longs to longs that only grows: 16 bytes a slot. Not thread-safe.
 *
 * @since 0.1
 */
public final class LongLongMap {

    /** Odd, so that multiples of it meet every slot of a power of two once. */
    static final int VISIT_STRIDE = 0x9E3779B1;

    private static final int INITIAL = 16;

    private long[] keys = new long[INITIAL];
    private long[] values = new long[INITIAL];
    private int size;

    /** An empty map. */
    public LongLongMap() {}

    /** The number of entries. */
    public int size() {
        return size;
    }

    /** The value of a key, or {@code missing} without one. */
    public long get(long key, long missing) {
        int slot = slotOf(keys, key);
        return keys[slot] == key && key != 0 ? values[slot] : missing;
    }

    /** Sets a key's value. */
    public void put(long key, long value) {
        if (key == 0) {
            throw new IllegalArgumentException("The key 0 marks an empty slot");
        }
        if ((size + 1) * 4L > keys.length * 3L) {
            grow();
        }
        int slot = slotOf(keys, key);
        if (keys[slot] == 0) {
            keys[slot] = key;
            size++;
        }
        values[slot] = value;
    }

    /**
     * Told of entries.
     *
     * @since 0.1
     */
    @FunctionalInterface
    public interface Visitor {
        /** One entry. */
        void visit(long key, long value);
    }

    /** Visits all entries, in no particular order; the map must not change meanwhile. */
    public void forEach(Visitor visitor) {
        // Not from the first slot to the last: whoever fills another map in that order piles everything up at its
        // start.
        for (int i = 0; i < keys.length; i++) {
            int slot = (i * VISIT_STRIDE) & (keys.length - 1);
            if (keys[slot] != 0) {
                visitor.visit(keys[slot], values[slot]);
            }
        }
    }

    private void grow() {
        long[] newKeys = new long[keys.length * 2];
        long[] newValues = new long[newKeys.length];
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != 0) {
                int target = slotOf(newKeys, keys[slot]);
                newKeys[target] = keys[slot];
                newValues[target] = values[slot];
            }
        }
        keys = newKeys;
        values = newValues;
    }

    private static int slotOf(long[] keys, long key) {
        int mask = keys.length - 1;
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }
}
