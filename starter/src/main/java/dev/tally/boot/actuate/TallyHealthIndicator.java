package dev.tally.boot.actuate;

import dev.tally.boot.FurtherDataSource;
import dev.tally.boot.RecentOutboxProgress;
import dev.tally.boot.RecentOutboxStats;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessageStats;
import dev.tally.outbox.OutboxStats;
import dev.tally.outbox.operations.OldestWaiting;
import dev.tally.outbox.operations.OutboxProgress;
import dev.tally.outbox.operations.Pause;
import dev.tally.outbox.operations.WaitReason;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * DOWN when messages have waited so long that a person has to act, or a consumer needs one (see {@link ConsumersHealth}),
 * with the reason and what can be done. An unreachable
 * broker alone is a detail: the outbox holds the messages meanwhile, and taking the application away would help nobody.
 */
final class TallyHealthIndicator extends AbstractHealthIndicator {

    private final RecentOutboxStats stats;
    private final RecentOutboxProgress progress;
    private final @Nullable HalfMessagePath halfMessages;
    private final Iterable<FurtherDataSource> further;
    private final Limits limits;
    private final @Nullable ConsumersHealth consumers;
    private final @Nullable LongSupplier parkedSagas;

    /** The age from which a person has to act. */
    @FunctionalInterface
    interface Limits {

        /** For a reason; {@code null} for none. */
        @Nullable Duration of(WaitReason reason);
    }

    TallyHealthIndicator(
            RecentOutboxStats stats,
            RecentOutboxProgress progress,
            @Nullable HalfMessagePath halfMessages,
            Iterable<FurtherDataSource> further,
            Limits limits,
            @Nullable ConsumersHealth consumers,
            @Nullable LongSupplier parkedSagas) {
        super("The outbox could not be counted");
        this.stats = stats;
        this.progress = progress;
        this.halfMessages = halfMessages;
        this.further = further;
        this.limits = limits;
        this.consumers = consumers;
        this.parkedSagas = parkedSagas;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        Map<String, Object> details = new LinkedHashMap<>();
        boolean tooOld = check(stats.get(), progress.get(), halfMessages, details);
        Map<String, Object> others = new LinkedHashMap<>();
        for (FurtherDataSource each : further) {
            Map<String, Object> its = new LinkedHashMap<>();
            tooOld |= check(each.outbox().get(), each.progress().get(), each.halfMessages(), its);
            others.put(each.name().toString(), its);
        }
        if (!others.isEmpty()) {
            details.put("dataSources", others);
        }
        if (parkedSagas != null) {
            details.put("sagasParked", parkedSagas.getAsLong());
        }
        boolean down = consumers != null && consumers.check(details);
        health.status(tooOld || down ? "DOWN" : "UP").withDetails(details);
    }

    /** @return whether a person has to act */
    private boolean check(
            OutboxStats outbox, OutboxProgress state, @Nullable HalfMessagePath half, Map<String, Object> details) {
        Map<String, Object> waiting = new LinkedHashMap<>();
        Map<String, Object> tooOld = new LinkedHashMap<>();
        state.oldest().forEach((reason, row) -> {
            waiting.put(reason.id(), row.age().toString());
            Duration limit = limits.of(reason);
            if (limit != null && row.age().compareTo(limit) > 0) {
                tooOld.put(reason.id(), alarm(reason, row, limit));
            }
        });
        details.put("pending", outbox.rowsPending());
        details.put("oldestPending", oldest(outbox).toString());
        details.put("parked", outbox.rowsParked());
        details.put("brokerReachable", outbox.brokerReachable());
        details.put("waiting", waiting);
        Pause pause = state.pause();
        if (pause != null) {
            details.put("paused", "by " + pause.by() + " since " + pause.since() + ": " + pause.reason());
        }
        if (!tooOld.isEmpty()) {
            details.put("tooOld", tooOld);
        }
        if (half != null) {
            HalfMessageStats undecided = half.stats();
            details.put("halfMessages", undecided.breaker().name());
            details.put("undecided", undecided.undecided());
        }
        return !tooOld.isEmpty();
    }

    private static Map<String, Object> alarm(WaitReason reason, OldestWaiting row, Duration limit) {
        Map<String, Object> alarm = new LinkedHashMap<>();
        alarm.put("age", row.age().toString());
        alarm.put("limit", limit.toString());
        alarm.put("row", row.id());
        alarm.put("topic", row.topic());
        alarm.put("whatToDo", reason.advice());
        return alarm;
    }

    private static Duration oldest(OutboxStats outbox) {
        return outbox.oldestPending() == null ? Duration.ZERO : outbox.oldestPending();
    }
}
