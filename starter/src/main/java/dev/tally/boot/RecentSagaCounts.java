package dev.tally.boot;

import dev.tally.saga.SagaState;
import dev.tally.saga.jdbc.JdbcSagaSearch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;

/**
 * How many sagas there are that have not ended, counted at most every {@value #MAX_AGE_SECONDS} seconds however often it is
 * asked for. Thread-safe.
 *
 * @since 0.1
 */
public final class RecentSagaCounts {

    private static final int MAX_AGE_SECONDS = 10;

    private final Recent<List<JdbcSagaSearch.Count>> recent;
    private final InstantSource clock;

    /** Creates the counts of one data source. */
    public RecentSagaCounts(JdbcSagaSearch search, InstantSource clock) {
        this.recent = new Recent<>(search::counts, Duration.ofSeconds(MAX_AGE_SECONDS), clock);
        this.clock = clock;
    }

    /** How many there are of a definition in a state. */
    public double of(String name, SagaState state) {
        return recent.get().stream()
                .filter(count -> count.name().equals(name) && count.state() == state)
                .mapToLong(JdbcSagaSearch.Count::count)
                .sum();
    }

    /** How many seconds ago the oldest saga of a definition began that is on its way back; 0 if there is none. */
    public double oldestOnItsWayBack(String name) {
        return recent.get().stream()
                .filter(count -> count.name().equals(name) && count.backward())
                .map(JdbcSagaSearch.Count::oldest)
                .min(Comparator.naturalOrder())
                .map(oldest ->
                        (double) Duration.between(oldest, clock.instant()).toSeconds())
                .orElse(0.0);
    }
}
