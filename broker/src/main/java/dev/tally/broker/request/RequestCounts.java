package dev.tally.broker.request;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests were answered how, since the start. Thread-safe. */
public final class RequestCounts {

    private final ConcurrentMap<Long, LongAdder> counts = new ConcurrentHashMap<>();

    /**
     * A count.
     *
     * @param code the request code, {@code -1} for all that the broker does not know
     * @param result the response code
     * @since 0.1
     */
    public record Count(int code, int result, long requests) {}

    /** A request was answered. */
    public void answered(int code, int result) {
        long key = (long) code << Integer.SIZE | Integer.toUnsignedLong(result);
        LongAdder known = counts.get(key);
        (known == null ? counts.computeIfAbsent(key, absent -> new LongAdder()) : known).increment();
    }

    /** All counts, in the order of their codes. */
    public List<Count> all() {
        List<Count> all = new ArrayList<>();
        counts.forEach((key, count) -> all.add(new Count((int) (key >> Integer.SIZE), (int) (long) key, count.sum())));
        all.sort(Comparator.comparingInt(Count::code).thenComparingInt(Count::result));
        return all;
    }
}
