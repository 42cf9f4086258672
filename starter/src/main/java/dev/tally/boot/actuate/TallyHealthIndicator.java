package dev.tally.boot.actuate;

import dev.tally.boot.FurtherDataSource;
import dev.tally.boot.RecentOutboxStats;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessageStats;
import dev.tally.outbox.OutboxStats;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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
    private final Iterable<FurtherDataSource> further;
    private final Duration maxBacklogAge;

    TallyHealthIndicator(
            RecentOutboxStats stats,
            @Nullable HalfMessagePath halfMessages,
            Iterable<FurtherDataSource> further,
            Duration maxBacklogAge) {
        super("The outbox could not be counted");
        this.stats = stats;
        this.halfMessages = halfMessages;
        this.further = further;
        this.maxBacklogAge = maxBacklogAge;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        OutboxStats outbox = stats.get();
        Map<String, Object> details = new LinkedHashMap<>(details(outbox, halfMessages));
        boolean tooOld = isTooOld(outbox);
        Map<String, Object> others = new LinkedHashMap<>();
        for (FurtherDataSource each : further) {
            OutboxStats other = each.outbox().get();
            tooOld |= isTooOld(other);
            others.put(each.name().toString(), details(other, each.halfMessages()));
        }
        if (!others.isEmpty()) {
            details.put("dataSources", others);
        }
        health.status(tooOld ? "DOWN" : "UP").withDetails(details);
    }

    private boolean isTooOld(OutboxStats outbox) {
        return oldest(outbox).compareTo(maxBacklogAge) > 0;
    }

    private static Duration oldest(OutboxStats outbox) {
        return outbox.oldestPending() == null ? Duration.ZERO : outbox.oldestPending();
    }

    private static Map<String, Object> details(OutboxStats outbox, @Nullable HalfMessagePath halfMessages) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("pending", outbox.rowsPending());
        details.put("oldestPending", oldest(outbox).toString());
        details.put("parked", outbox.rowsParked());
        details.put("brokerReachable", outbox.brokerReachable());
        if (halfMessages != null) {
            HalfMessageStats half = halfMessages.stats();
            details.put("halfMessages", half.breaker().name());
            details.put("undecided", half.undecided());
        }
        return details;
    }
}
