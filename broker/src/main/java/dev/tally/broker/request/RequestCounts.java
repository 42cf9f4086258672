package dev.tally.broker.request;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests were answered how, since the start. Thread-safe. */
public final class RequestCounts {

    /** Some answers are other clients', whose codes can be anything. */
    private static final int MOST_COUNTS = 4_096;

    private static final int OTHER = -1;

    private final ConcurrentMap<Long, LongAdder> counts = new ConcurrentHashMap<>();

    /**
     * A count.
     *
     * @param code the request code, {@code -1} for all that the broker does not know
     * @param result the response code, {@code -1} where there were too many different ones
     * @since 0.1
     */
    public record Count(int code, int result, long requests) {}

    /** A request was answered. */
    public void answered(int code, int result) {
        LongAdder known = counts.get(key(code, result));
        if (known == null) {
            int kept = counts.size() < MOST_COUNTS ? result : OTHER;
            known = counts.computeIfAbsent(key(code, kept), absent -> new LongAdder());
        }
        known.increment();
    }

    private static long key(int code, int result) {
        return (long) code << Integer.SIZE | Integer.toUnsignedLong(result);
    }

    /** All counts, in the order of their codes. */
    public List<Count> all() {
        List<Count> all = new ArrayList<>();
        counts.forEach((key, count) -> all.add(new Count((int) (key >> Integer.SIZE), (int) (long) key, count.sum())));
        all.sort(Comparator.comparingInt(Count::code).thenComparingInt(Count::result));
        return all;
    }
}
