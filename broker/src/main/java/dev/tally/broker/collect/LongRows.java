package dev.tally.broker.collect;

import java.util.Arrays;

/**
 * Numbered rows of longs: what would be an object for each entry, without its header, its references and its garbage.
 * Rows lie in chunks that are never moved; a removed row's number is given out again. Not thread-safe.
 *
 * @since 0.1
 */
public final class LongRows {

    private static final int CHUNK_SHIFT = 10;
    private static final int CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
    private static final long LOW = 0xFFFF_FFFFL;

    private final int width;
    private long[][] chunks = new long[1][];
    private int used;
    private int size;
    private int free = -1;

    /** No rows; each will have that many longs, at least one. */
    public LongRows(int width) {
        this.width = width;
        chunks[0] = new long[width << CHUNK_SHIFT];
    }

    /** The number of rows. */
    public int size() {
        return size;
    }

    /** Adds a row of zeros and answers its number. */
    public int add() {
        int row = free;
        if (row >= 0) {
            free = (int) get(row, 0);
            int start = start(row);
            Arrays.fill(chunks[row >>> CHUNK_SHIFT], start, start + width, 0);
        } else {
            row = used++;
            int chunk = row >>> CHUNK_SHIFT;
            if (chunk == chunks.length) {
                chunks = Arrays.copyOf(chunks, chunk + Math.max(1, chunk / 4));
            }
            if (chunks[chunk] == null) {
                chunks[chunk] = new long[width << CHUNK_SHIFT];
            }
        }
        size++;
        return row;
    }

    /** Removes a row. When the last one goes, so does the memory of all. */
    public void remove(int row) {
        size--;
        if (size == 0) {
            chunks = new long[][] {new long[width << CHUNK_SHIFT]};
            used = 0;
            free = -1;
            return;
        }
        set(row, 0, free);
        free = row;
    }

    /** A field of a row. */
    public long get(int row, int field) {
        return chunks[row >>> CHUNK_SHIFT][start(row) + field];
    }

    /** Sets a field of a row. */
    public void set(int row, int field, long value) {
        chunks[row >>> CHUNK_SHIFT][start(row) + field] = value;
    }

    /** The lower half of a field that holds two ints. */
    public int low(int row, int field) {
        return (int) get(row, field);
    }

    /** The upper half of a field that holds two ints. */
    public int high(int row, int field) {
        return (int) (get(row, field) >>> Integer.SIZE);
    }

    /** Sets the lower half of a field that holds two ints. */
    public void setLow(int row, int field, int value) {
        set(row, field, (get(row, field) & ~LOW) | (value & LOW));
    }

    /** Sets the upper half of a field that holds two ints. */
    public void setHigh(int row, int field, int value) {
        set(row, field, (get(row, field) & LOW) | ((long) value << Integer.SIZE));
    }

    private int start(int row) {
        return (row & CHUNK_MASK) * width;
    }
}
