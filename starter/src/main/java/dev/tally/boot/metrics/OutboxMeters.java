package dev.tally.boot.metrics;

import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** Counts what happens to outbox entries. Thread-safe. */
final class OutboxMeters implements OutboxListener {

    private final MeterRegistry registry;

    OutboxMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void stored(OutboxEntry entry) {
        count("tally.outbox.stored", entry);
    }

    @Override
    public void sent(OutboxEntry entry) {
        count("tally.outbox.sent", entry);
    }

    @Override
    public void retried(OutboxEntry entry, int attempts, Duration delay, String reason) {
        count("tally.outbox.retried", entry);
    }

    @Override
    public void parked(OutboxEntry entry, int attempts, String reason) {
        count("tally.outbox.parked.total", entry);
    }

    @Override
    public void takenOver(String fromNode) {
        registry.counter("tally.outbox.takeovers").increment();
    }

    @Override
    public void fenced(String oldNode, String newNode) {
        registry.counter("tally.outbox.fenced").increment();
    }

    @Override
    public void circuitOpened(String reason) {
        registry.counter("tally.outbox.circuit.opened").increment();
    }

    private void count(String meter, OutboxEntry entry) {
        registry.counter(meter, "topic", entry.message().destination().topic()).increment();
    }
}
