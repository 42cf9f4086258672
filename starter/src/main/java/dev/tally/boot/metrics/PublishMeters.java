package dev.tally.boot.metrics;

import dev.tally.message.Message;
import dev.tally.publish.PublishListener;
import dev.tally.publish.Via;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Counts messages that transactions published, and how those transactions ended. Thread-safe. */
final class PublishMeters implements PublishListener {

    private final MeterRegistry registry;

    PublishMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void published(Message message, Via via) {
        registry.counter(
                        "tally.publish.published",
                        "topic",
                        message.destination().topic(),
                        "via",
                        via.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void committed(int count) {
        settled("committed", count);
    }

    @Override
    public void rolledBack(int count) {
        settled("rolledback", count);
    }

    @Override
    public void unknown(int count) {
        settled("unknown", count);
    }

    private void settled(String outcome, int count) {
        registry.counter("tally.publish.settled", "outcome", outcome).increment(count);
    }
}
