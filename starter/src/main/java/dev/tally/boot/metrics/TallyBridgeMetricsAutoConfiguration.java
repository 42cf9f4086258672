package dev.tally.boot.metrics;

import dev.tally.boot.OutboxBridges;
import dev.tally.boot.ProcessEdges;
import dev.tally.boot.RecentBridgeProgress;
import dev.tally.boot.TallyBridgeAutoConfiguration;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.OutboxBridge;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Meters of bridges, where there are bridges and a registry. */
@AutoConfiguration(
        after = TallyBridgeAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, OutboxBridges.class})
public final class TallyBridgeMetricsAutoConfiguration {

    private static final String BRIDGE = "bridge";

    @Bean
    BridgeMeters tallyBridgeMeters(MeterRegistry registry) {
        return new BridgeMeters(registry);
    }

    @Bean
    MeterBinder tallyBridgeGauges(OutboxBridges bridges, ProcessEdges edges) {
        return registry ->
                bridges.forEach(bridge -> gauges(registry, bridge, new RecentBridgeProgress(bridge, edges.clock())));
    }

    private static void gauges(MeterRegistry registry, OutboxBridge bridge, RecentBridgeProgress recent) {
        gauge(
                registry,
                bridge,
                recent,
                "waiting",
                "Rows of the other outbox that are undelivered, and neither taken, dropped nor left",
                BridgeProgress::rowsWaiting);
        gauge(
                registry,
                bridge,
                recent,
                "left",
                "Rows of the other outbox that could not be mapped, and wait for a person",
                BridgeProgress::rowsLeft);
        gauge(
                registry,
                bridge,
                recent,
                "of.others",
                "Undelivered rows of the other outbox that the bridge is not for",
                BridgeProgress::ofOthers);
        TimeGauge.builder(
                        "tally.outbox.bridge.oldest",
                        () -> recent.get()
                                .map(progress -> Optional.ofNullable(progress.oldest())
                                        .orElse(Duration.ZERO)
                                        .toMillis())
                                .map(Number.class::cast)
                                .orElse(Double.NaN),
                        TimeUnit.MILLISECONDS)
                .tag(BRIDGE, bridge.name())
                .description("Age of the oldest row that waits")
                .register(registry);
    }

    private static void gauge(
            MeterRegistry registry,
            OutboxBridge bridge,
            RecentBridgeProgress recent,
            String name,
            String description,
            ToDoubleFunction<BridgeProgress> value) {
        Gauge.builder("tally.outbox.bridge." + name, recent, r -> r.get()
                        .map(value::applyAsDouble)
                        .orElse(Double.NaN))
                .tag(BRIDGE, bridge.name())
                .description(description + "; NaN where that could not be counted")
                .strongReference(true)
                .register(registry);
    }
}
