package dev.tally.boot.metrics;

import dev.tally.outbox.bridge.BridgeListener;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts rows that this process has decided about. Thread-safe. */
final class BridgeMeters implements BridgeListener {

    private final MeterRegistry registry;

    BridgeMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void batch(String bridge, int taken, int dropped, int left) {
        count(bridge, "taken", taken);
        count(bridge, "dropped", dropped);
        count(bridge, "left", left);
    }

    private void count(String bridge, String outcome, int rows) {
        registry.counter("tally.outbox.bridge.rows", "bridge", bridge, "outcome", outcome)
                .increment(rows);
    }
}
