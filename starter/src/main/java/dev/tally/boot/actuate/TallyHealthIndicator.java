package dev.tally.boot.actuate;

import dev.tally.boot.RecentOutboxStats;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessageStats;
import dev.tally.outbox.OutboxStats;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * DOWN when messages have waited so long that a person has to act. An unreachable broker alone is a detail: the outbox
 * holds the messages meanwhile, and taking the application away would help nobody.
 */
final class TallyHealthIndicator extends AbstractHealthIndicator {

    private final RecentOutboxStats stats;
    private final @Nullable HalfMessagePath halfMessages;
    private final Duration maxBacklogAge;

    TallyHealthIndicator(RecentOutboxStats stats, @Nullable HalfMessagePath halfMessages, Duration maxBacklogAge) {
        super("The outbox could not be counted");
        this.stats = stats;
        this.halfMessages = halfMessages;
        this.maxBacklogAge = maxBacklogAge;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        OutboxStats outbox = stats.get();
        Duration oldest = outbox.oldestPending() == null ? Duration.ZERO : outbox.oldestPending();
        health.status(oldest.compareTo(maxBacklogAge) > 0 ? "DOWN" : "UP")
                .withDetail("pending", outbox.rowsPending())
                .withDetail("oldestPending", oldest.toString())
                .withDetail("parked", outbox.rowsParked())
                .withDetail("brokerReachable", outbox.brokerReachable());
        if (halfMessages != null) {
            HalfMessageStats half = halfMessages.stats();
            health.withDetail("halfMessages", half.breaker().name()).withDetail("undecided", half.undecided());
        }
    }
}
