package dev.tally.boot;

import dev.tally.outbox.OutboxStats;
import dev.tally.outbox.relay.OutboxRelay;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The outbox's state, counted at most every {@value #MAX_AGE_SECONDS} seconds however often it is asked for, because
 * counting reads the table. Thread-safe.
 *
 * @since 0.1
 */
public final class RecentOutboxStats {

    private static final int MAX_AGE_SECONDS = 5;

    private final OutboxRelay relay;
    private final InstantSource clock;
    private @Nullable OutboxStats stats;
    private Instant countedAt = Instant.MIN;

    RecentOutboxStats(OutboxRelay relay, InstantSource clock) {
        this.relay = relay;
        this.clock = clock;
    }

    /** The state a few seconds ago at most; throws what counting throws. */
    public synchronized OutboxStats get() {
        Instant now = clock.instant();
        OutboxStats known = stats;
        if (known != null && now.isBefore(countedAt.plus(Duration.ofSeconds(MAX_AGE_SECONDS)))) {
            return known;
        }
        OutboxStats counted = relay.stats();
        stats = counted;
        countedAt = now;
        return counted;
    }
}
