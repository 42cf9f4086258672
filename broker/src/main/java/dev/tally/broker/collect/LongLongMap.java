package dev.tally.broker.collect;

import java.io.IOException;

/**
 * A map from non-zero longs to longs that only grows: 16 bytes a slot. Not thread-safe.
 *
 * @since 0.1
 */
public final class LongLongMap {

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
        int slot = LongMap.slotOf(keys, key);
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
        int slot = LongMap.slotOf(keys, key);
        if (keys[slot] == 0) {
            keys[slot] = key;
            size++;
        }
        values[slot] = value;
    }

    /**
     * Is told a key and its value.
     *
     * @since 0.1
     */
    public interface EntryVisitor {

        /** Takes one entry. */
        void entry(long key, long value) throws IOException;
    }

    /** Visits all entries, in no particular order; the map must not change meanwhile. */
    public void forEach(EntryVisitor visitor) throws IOException {
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != 0) {
                visitor.entry(keys[slot], values[slot]);
            }
        }
    }

    private void grow() {
        long[] newKeys = new long[keys.length * 2];
        long[] newValues = new long[newKeys.length];
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != 0) {
                int target = LongMap.slotOf(newKeys, keys[slot]);
                newKeys[target] = keys[slot];
                newValues[target] = values[slot];
            }
        }
        keys = newKeys;
        values = newValues;
    }
}
