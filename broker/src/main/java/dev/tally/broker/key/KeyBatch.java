package dev.tally.broker.key;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Keys in memory, in the order of the log: those of the records from one log position up to another. One thread adds,
 * any thread looks.
 */
final class KeyBatch {

    private static final int FIELDS = 2;
    private static final int FIRST_CAPACITY = 64;

    private final long from;
    private long to = Long.MAX_VALUE;
    private long[] fields = {};
    private long oldest = Long.MAX_VALUE;
    private long newest = Long.MIN_VALUE;

    /** Written last and read first: what it counts can be seen. */
    private volatile int count;

    KeyBatch(long from) {
        this.from = from;
    }

    long from() {
        return from;
    }

    /** Up to where it reaches; only of a batch that is sealed. */
    long to() {
        return to;
    }

    /** Nothing is added any more. Called before the batch is handed to another thread. */
    void seal(long end) {
        to = end;
    }

    int count() {
        return count;
    }

    long oldest() {
        return oldest;
    }

    long newest() {
        return newest;
    }

    void add(long hash, long position, long millis) {
        int before = count;
        int at = before * FIELDS;
        if (at == fields.length) {
            fields = Arrays.copyOf(fields, Math.max(FIRST_CAPACITY, at * 2));
        }
        fields[at] = hash;
        fields[at + 1] = position;
        oldest = Math.min(oldest, millis);
        newest = Math.max(newest, millis);
        count = before + 1;
    }

    /** Tells the positions of a hash, newest first; false where the visitor had enough. */
    boolean find(long hash, LongPredicate visitor) {
        int visible = count;
        long[] seen = fields;
        for (int i = visible - 1; i >= 0; i--) {
            if (seen[i * FIELDS] == hash && !visitor.test(seen[i * FIELDS + 1])) {
                return false;
            }
        }
        return true;
    }

    /** Hash and position of each, sorted by hash, and in the order of the log where hashes are equal. */
    LongBuffer sorted() {
        long[] source = Arrays.copyOf(fields, count * FIELDS);
        long[] target = new long[source.length];
        for (int width = FIELDS; width < source.length; width *= 2) {
            for (int start = 0; start < source.length; start += 2 * width) {
                merge(
                        source,
                        target,
                        start,
                        Math.min(start + width, source.length),
                        Math.min(start + 2 * width, source.length));
            }
            long[] done = target;
            target = source;
            source = done;
        }
        return LongBuffer.wrap(source);
    }

    /** Merges two sorted lists of pairs; of equal ones those of the first come first. */
    static LongBuffer merged(LongBuffer first, LongBuffer second) {
        long[] both = new long[first.limit() + second.limit()];
        first.get(0, both, 0, first.limit());
        second.get(0, both, first.limit(), second.limit());
        long[] target = new long[both.length];
        merge(both, target, 0, first.limit(), both.length);
        return LongBuffer.wrap(target);
    }

    private static void merge(long[] source, long[] target, int start, int middle, int end) {
        int left = start;
        int right = middle;
        for (int at = start; at < end; at += FIELDS) {
            int taken;
            if (left < middle && (right >= end || source[left] <= source[right])) {
                taken = left;
                left += FIELDS;
            } else {
                taken = right;
                right += FIELDS;
            }
            target[at] = source[taken];
            target[at + 1] = source[taken + 1];
        }
    }
}
