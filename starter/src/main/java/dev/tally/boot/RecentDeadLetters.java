package dev.tally.boot;

import dev.tally.consume.deadletter.DeadLetterStore;
import java.time.Duration;
import java.time.InstantSource;
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

    RecentDeadLetters(DeadLetterStore store, InstantSource clock) {
        this.recent = new Recent<>(store::countByGroup, Duration.ofSeconds(MAX_AGE_SECONDS), clock);
    }

    /** The number of a group a few seconds ago at most; throws what counting throws. */
    public long of(String group) {
        return recent.get().getOrDefault(group, 0L);
    }
}
