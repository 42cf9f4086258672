package dev.tally.broker.collect;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A map from non-zero longs to objects: open addressing, linear probing, no object for an entry (12 bytes a slot, half
 * to three quarters of the slots used). Not thread-safe.
 *
 * @param <V> the values
 * @since 0.1
 */
public final class LongMap<V> {

    private static final int INITIAL = 16;

    private long[] keys = new long[INITIAL];
    private @Nullable Object[] values = new @Nullable Object[INITIAL];
    private int size;

    /** An empty map. */
    public LongMap() {}

    /** The number of entries. */
    public int size() {
        return size;
    }

    /** The value of a key, {@code null} without one. */
    @SuppressWarnings("unchecked") // only put() writes values, and it takes a V
    public @Nullable V get(long key) {
        int slot = slotOf(keys, key);
        return keys[slot] == key && key != 0 ? (V) values[slot] : null;
    }

    /** Sets a key's value. */
    public void put(long key, V value) {
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

    /** Removes a key; nothing happens where there is none. */
    public void remove(long key) {
        int slot = slotOf(keys, key);
        if (key == 0 || keys[slot] != key) {
            return;
        }
        size--;
        int mask = keys.length - 1;
        int hole = slot;
        // Entries behind the hole move up, so that probing never has to step over tombstones.
        for (int next = (hole + 1) & mask; keys[next] != 0; next = (next + 1) & mask) {
            int home = home(keys[next], mask);
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                keys[hole] = keys[next];
                values[hole] = values[next];
                hole = next;
            }
        }
        keys[hole] = 0;
        values[hole] = null;
    }

    /** The values, in no particular order. */
    public List<V> values() {
        List<V> all = new ArrayList<>(size);
        forEach(all::add);
        return all;
    }

    /** Visits all values, in no particular order; the map must not change meanwhile. */
    @SuppressWarnings("unchecked") // only put() writes values, and it takes a V
    public void forEach(Consumer<? super V> visitor) {
        for (int slot = 0; slot < keys.length; slot++) {
            Object value = values[slot];
            if (keys[slot] != 0 && value != null) {
                visitor.accept((V) value);
            }
        }
    }

    private void grow() {
        long[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        long[] newKeys = new long[oldKeys.length * 2];
        @Nullable Object[] newValues = new @Nullable Object[newKeys.length];
        for (int slot = 0; slot < oldKeys.length; slot++) {
            if (oldKeys[slot] != 0) {
                int target = slotOf(newKeys, oldKeys[slot]);
                newKeys[target] = oldKeys[slot];
                newValues[target] = oldValues[slot];
            }
        }
        keys = newKeys;
        values = newValues;
    }

    static int slotOf(long[] keys, long key) {
        int mask = keys.length - 1;
        int slot = home(key, mask);
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private static int home(long key, int mask) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & mask;
    }
}
