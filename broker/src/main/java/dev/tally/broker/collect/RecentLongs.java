package dev.tally.broker.collect;

/**
 * A bounded memory of long values by non-zero long keys. Two generations: when the younger is full, the older is
 * forgotten; so at least half of the bound is remembered. Not thread-safe.
 *
 * @since 0.1
 */
public final class RecentLongs {

    private final int generationSize;
    private LongLongMap younger = new LongLongMap();
    private LongLongMap older = new LongLongMap();

    /** Remembers nothing yet, and that many at most. */
    public RecentLongs(int bound) {
        this.generationSize = Math.max(1, bound / 2);
    }

    /** Remembers a value. */
    public void put(long key, long value) {
        if (younger.size() >= generationSize) {
            older = younger;
            younger = new LongLongMap();
        }
        younger.put(key, value);
    }

    /** The value of a key, or {@code missing} where it is unknown or forgotten. */
    public long get(long key, long missing) {
        return younger.get(key, older.get(key, missing));
    }

    /** Visits all that is remembered, the older half first. */
    public void forEach(LongLongMap.Visitor visitor) {
        older.forEach(visitor);
        younger.forEach(visitor);
    }
}
