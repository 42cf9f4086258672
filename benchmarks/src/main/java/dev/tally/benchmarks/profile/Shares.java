package dev.tally.benchmarks.profile;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Weights by name. */
final class Shares {

    private final Map<String, Long> weights = new HashMap<>();

    /** A name and its part of the whole. */
    record Share(String name, double percent) {}

    void add(String name, long weight) {
        weights.merge(name, weight, Long::sum);
    }

    long total() {
        return weights.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The largest, at most so many; equal ones by name. */
    List<Share> largest(int rows) {
        double total = Math.max(1, total());
        return weights.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(rows)
                .map(entry -> new Share(entry.getKey(), 100 * entry.getValue() / total))
                .toList();
    }
}
