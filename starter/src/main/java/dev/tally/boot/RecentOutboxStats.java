package dev.tally.boot;

import dev.tally.outbox.OutboxStats;
import dev.tally.outbox.relay.OutboxRelay;
import java.time.Duration;
import java.time.InstantSource;

/**
 * The outbox's state, counted at most every {@value #MAX_AGE_SECONDS} seconds however often it is asked for, because
 * counting reads the table. Thread-safe.
 *
 * @since 0.1
 */
public final class RecentOutboxStats {

    private static final int MAX_AGE_SECONDS = 5;

    private final Recent<OutboxStats> recent;

    RecentOutboxStats(OutboxRelay relay, InstantSource clock) {
        this.recent = new Recent<>(relay::stats, Duration.ofSeconds(MAX_AGE_SECONDS), clock);
    }

    /** The state a few seconds ago at most; throws what counting throws. */
    public OutboxStats get() {
        return recent.get();
    }
}
