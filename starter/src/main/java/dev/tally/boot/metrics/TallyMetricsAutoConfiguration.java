package dev.tally.boot.metrics;

import dev.tally.boot.RecentOutboxStats;
import dev.tally.boot.TallyOutboxAutoConfiguration;
import dev.tally.outbox.OutboxStats;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Meters of publishing, outbox, half messages and consuming, where there is a registry. */
@AutoConfiguration(
        after = TallyOutboxAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, RecentOutboxStats.class})
public final class TallyMetricsAutoConfiguration {

    @Bean
    PublishMeters tallyPublishMeters(MeterRegistry registry) {
        return new PublishMeters(registry);
    }

    @Bean
    OutboxMeters tallyOutboxMeters(MeterRegistry registry) {
        return new OutboxMeters(registry);
    }

    @Bean
    HalfMessageMeters tallyHalfMessageMeters(MeterRegistry registry) {
        return new HalfMessageMeters(registry);
    }

    @Bean
    ConsumeMeters tallyConsumeMeters(MeterRegistry registry) {
        return new ConsumeMeters(registry);
    }

    @Bean
    MeterBinder tallyOutboxGauges(RecentOutboxStats stats) {
        return registry -> {
            Gauge.builder("tally.outbox.pending", stats, s -> s.get().rowsPending())
                    .description("Rows of all nodes that wait or are being sent")
                    .register(registry);
            Gauge.builder("tally.outbox.parked", stats, s -> s.get().rowsParked())
                    .description("Rows that were given up and wait for a person")
                    .register(registry);
            Gauge.builder("tally.outbox.memory", stats, s -> s.get().pendingInMemory())
                    .description("Entries that this node holds in memory")
                    .register(registry);
            TimeGauge.builder("tally.outbox.oldest", () -> oldest(stats.get()).toMillis(), TimeUnit.MILLISECONDS)
                    .description("Age of the oldest row that waits")
                    .register(registry);
        };
    }

    private static Duration oldest(OutboxStats stats) {
        return Optional.ofNullable(stats.oldestPending()).orElse(Duration.ZERO);
    }
}
