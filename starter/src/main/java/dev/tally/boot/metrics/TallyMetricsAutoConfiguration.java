package dev.tally.boot.metrics;

import dev.tally.boot.FurtherDataSources;
import dev.tally.boot.RecentOutboxProgress;
import dev.tally.boot.RecentOutboxStats;
import dev.tally.boot.RecentParkedHalves;
import dev.tally.boot.TallyHalfMessageAutoConfiguration;
import dev.tally.boot.TallyOutboxAutoConfiguration;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessageStats;
import dev.tally.half.HalfMessages;
import dev.tally.half.LedgerName;
import dev.tally.outbox.OutboxStats;
import dev.tally.outbox.operations.OutboxNodeState;
import dev.tally.outbox.operations.WaitReason;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Meters of publishing, outbox, half messages and consuming, where there is a registry. */
@AutoConfiguration(
        after = {TallyOutboxAutoConfiguration.class, TallyHalfMessageAutoConfiguration.class},
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, RecentOutboxStats.class})
public final class TallyMetricsAutoConfiguration {

    private static final String DATA_SOURCE = "data.source";

    @Bean
    PublishMeters tallyPublishMeters(MeterRegistry registry) {
        return new PublishMeters(registry);
    }

    @Bean
    OutboxMeters tallyOutboxMeters(MeterRegistry registry) {
        return new OutboxMeters(registry);
    }

    @Bean
    @ConditionalOnBean(HalfMessages.class)
    HalfMessageMeters tallyHalfMessageMeters(MeterRegistry registry) {
        return new HalfMessageMeters(registry);
    }

    @Bean
    ConsumeMeters tallyConsumeMeters(MeterRegistry registry) {
        return new ConsumeMeters(registry);
    }

    @Bean
    MeterBinder tallyOutboxGauges(RecentOutboxStats primary, ObjectProvider<FurtherDataSources> further) {
        return registry -> {
            outboxGauges(registry, LedgerName.PRIMARY, primary);
            further.ifAvailable(all -> all.forEach(each -> outboxGauges(registry, each.name(), each.outbox())));
        };
    }

    @Bean
    MeterBinder tallyOutboxProgressGauges(RecentOutboxProgress primary, ObjectProvider<FurtherDataSources> further) {
        return registry -> {
            progressGauges(registry, LedgerName.PRIMARY, primary);
            further.ifAvailable(all -> all.forEach(each -> progressGauges(registry, each.name(), each.progress())));
        };
    }

    private static void progressGauges(MeterRegistry registry, LedgerName name, RecentOutboxProgress progress) {
        String source = name.toString();
        for (WaitReason reason : WaitReason.values()) {
            TimeGauge.builder("tally.outbox.oldest.age", progress, TimeUnit.MILLISECONDS, p -> p.get()
                            .age(reason)
                            .toMillis())
                    .tag(DATA_SOURCE, source)
                    .tag("reason", reason.id())
                    .description("Age of the oldest row that waits for this reason; 0 for none")
                    .register(registry);
        }
        Gauge.builder("tally.outbox.paused", progress, p -> p.get().pause() == null ? 0 : 1)
                .tag(DATA_SOURCE, source)
                .description("1 while a person has paused the outbox")
                .register(registry);
        Gauge.builder("tally.outbox.nodes", progress, p -> p.get().nodes().stream()
                        .filter(OutboxNodeState::alive)
                        .count())
                .tag(DATA_SOURCE, source)
                .description("Nodes that are alive")
                .register(registry);
    }

    private static void outboxGauges(MeterRegistry registry, LedgerName name, RecentOutboxStats stats) {
        String source = name.toString();
        Gauge.builder("tally.outbox.pending", stats, s -> s.get().rowsPending())
                .tag(DATA_SOURCE, source)
                .description("Rows of all nodes that wait or are being sent")
                .register(registry);
        Gauge.builder("tally.outbox.parked", stats, s -> s.get().rowsParked())
                .tag(DATA_SOURCE, source)
                .description("Rows that were given up and wait for a person")
                .register(registry);
        Gauge.builder("tally.outbox.memory", stats, s -> s.get().pendingInMemory())
                .tag(DATA_SOURCE, source)
                .description("Entries that this node holds in memory")
                .register(registry);
        TimeGauge.builder("tally.outbox.oldest", () -> oldest(stats.get()).toMillis(), TimeUnit.MILLISECONDS)
                .tag(DATA_SOURCE, source)
                .description("Age of the oldest row that waits")
                .register(registry);
    }

    @Bean
    MeterBinder tallyHalfMessageGauges(
            ObjectProvider<HalfMessagePath> primary, ObjectProvider<FurtherDataSources> further) {
        return registry -> {
            primary.ifAvailable(path -> halfMessageGauges(registry, LedgerName.PRIMARY, path));
            further.ifAvailable(all -> all.forEach(each -> {
                HalfMessagePath path = each.halfMessages();
                if (path != null) {
                    halfMessageGauges(registry, each.name(), path);
                }
            }));
        };
    }

    private static void halfMessageGauges(MeterRegistry registry, LedgerName name, HalfMessagePath path) {
        String source = name.toString();
        Gauge.builder("tally.half.undecided", path, p -> p.stats().undecided())
                .tag(DATA_SOURCE, source)
                .description("Transactions of this process whose half messages are stored and not yet confirmed to be"
                        + " decided")
                .register(registry);
        TimeGauge.builder("tally.half.oldest", () -> oldest(path.stats()).toMillis(), TimeUnit.MILLISECONDS)
                .tag(DATA_SOURCE, source)
                .description("Age of the oldest of them")
                .register(registry);
        Gauge.builder("tally.half.breaker", path, p -> p.breaker().getState().getOrder())
                .tag(DATA_SOURCE, source)
                .description("0: the broker is tried, 1: it is left alone, 2: one transaction at a time tries it")
                .register(registry);
    }

    @Bean
    MeterBinder tallyParkedHalfMessageGauge(ObjectProvider<RecentParkedHalves> parked) {
        return registry -> parked.ifAvailable(halves -> Gauge.builder(
                        "tally.half.parked", halves, RecentParkedHalves::get)
                .description("Half messages that the broker has given up asking about, and that wait for a person; NaN"
                        + " as long as it cannot be asked")
                .register(registry));
    }

    private static Duration oldest(HalfMessageStats stats) {
        return Optional.ofNullable(stats.oldestUndecided()).orElse(Duration.ZERO);
    }

    private static Duration oldest(OutboxStats stats) {
        return Optional.ofNullable(stats.oldestPending()).orElse(Duration.ZERO);
    }
}
