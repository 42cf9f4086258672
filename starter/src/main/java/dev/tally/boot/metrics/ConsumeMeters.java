package dev.tally.boot.metrics;

import dev.tally.consume.ConsumeListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;

/** Counts and times consuming, for each topic and group. Thread-safe. */
final class ConsumeMeters implements ConsumeListener {

    private final MeterRegistry registry;

    ConsumeMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void handled(String topic, String group, Duration took) {
        registry.timer("tally.consume.handled", tags(topic, group)).record(took);
    }

    @Override
    public void duplicate(String topic, String group) {
        registry.counter("tally.inbox.duplicates", tags(topic, group)).increment();
    }

    @Override
    public void failed(String topic, String group, Duration took, String reason) {
        registry.timer("tally.consume.failed", tags(topic, group)).record(took);
    }

    @Override
    public void takenApart(String topic, String group, int messages, String reason) {
        registry.counter("tally.consume.batches.rolledback", tags(topic, group)).increment();
    }

    @Override
    public void skipped(String topic, String group, String reason) {
        registry.counter("tally.consume.skipped", tags(topic, group)).increment();
    }

    @Override
    public void stopped(String topic, String group, String reason) {
        registry.counter("tally.consume.stopped", tags(topic, group)).increment();
    }

    @Override
    public void postponed(String topic, String group, String reason) {
        registry.counter("tally.consume.postponed", tags(topic, group)).increment();
    }

    @Override
    public void replayed(String topic, String group) {
        registry.counter("tally.consume.replayed", tags(topic, group)).increment();
    }

    @Override
    public void deadLettered(String topic, String group, String reason) {
        registry.counter("tally.consume.deadlettered", tags(topic, group)).increment();
    }

    private static Tags tags(String topic, String group) {
        return Tags.of("topic", topic, "group", group);
    }
}
