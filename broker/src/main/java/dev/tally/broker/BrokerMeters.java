package dev.tally.broker;

import dev.tally.broker.admin.Metric;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;

/**
 * Binds an embedded broker's numbers to Micrometer: {@code new BrokerMeters(broker).bindTo(registry)}, under the names
 * that {@code /metrics} has, with dots. What there is for each topic, group and kind of request is on the admin port
 * only.
 *
 * @since 0.1
 */
public final class BrokerMeters implements MeterBinder {

    private static final String COUNTER_SUFFIX = "_total";

    private final Broker broker;

    /** Does nothing until it is bound. */
    public BrokerMeters(Broker broker) {
        this.broker = broker;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Metric metric : broker.fixedMetrics()) {
            List<Tag> tags = metric.labels().entrySet().stream()
                    .map(label -> Tag.of(label.getKey(), label.getValue()))
                    .toList();
            if (metric.counter()) {
                String name = metric.name().substring(0, metric.name().length() - COUNTER_SUFFIX.length());
                FunctionCounter.builder(dotted(name), broker, now -> value(now, metric))
                        .description(metric.help())
                        .tags(tags)
                        .register(registry);
            } else {
                Gauge.builder(dotted(metric.name()), broker, now -> value(now, metric))
                        .description(metric.help())
                        .tags(tags)
                        .register(registry);
            }
        }
    }

    private static String dotted(String name) {
        return name.replace('_', '.');
    }

    private static double value(Broker broker, Metric wanted) {
        return broker.fixedMetrics().stream()
                .filter(metric ->
                        metric.name().equals(wanted.name()) && metric.labels().equals(wanted.labels()))
                .mapToDouble(Metric::value)
                .findFirst()
                .orElse(Double.NaN);
    }
}
