package dev.tally.boot;

import dev.tally.consume.deadletter.DeadLetterStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many dead letters there are by group, counted at most every {@value #MAX_AGE_SECONDS} seconds however often it is
 * asked for. Thread-safe.
 *
 * @since 0.1
 */
public final class RecentDeadLetters {

    private static final int MAX_AGE_SECONDS = 10;

    private final Recent<Map<String, Long>> recent;

    /** @param stores of all data sources */
    RecentDeadLetters(List<DeadLetterStore> stores, InstantSource clock) {
        this.recent = new Recent<>(() -> count(stores), Duration.ofSeconds(MAX_AGE_SECONDS), clock);
    }

    private static Map<String, Long> count(List<DeadLetterStore> stores) {
        Map<String, Long> counts = new HashMap<>();
        stores.forEach(store -> store.countByGroup().forEach((group, count) -> counts.merge(group, count, Long::sum)));
        return counts;
    }

    /** The number of a group a few seconds ago at most; throws what counting throws. */
    public long of(String group) {
        return recent.get().getOrDefault(group, 0L);
    }
}
