package dev.tally.boot.metrics;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;

/** Counts half messages and check-backs. Thread-safe. */
final class HalfMessageMeters implements HalfMessageListener {

    private final MeterRegistry registry;

    HalfMessageMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void prepared(int count) {
        registry.counter("tally.half.prepared").increment(count);
    }

    @Override
    public void committed(int count) {
        registry.counter("tally.half.committed").increment(count);
    }

    @Override
    public void rolledBack(int count) {
        registry.counter("tally.half.rolledback").increment(count);
    }

    @Override
    public void decided(int count, boolean confirmed, Duration open) {
        if (confirmed) {
            registry.timer("tally.half.decided").record(open);
        } else {
            registry.counter("tally.half.unknown").increment(count);
        }
    }

    @Override
    public void checkedBack(CheckBackAnswer answer) {
        registry.counter("tally.half.checkback", "answer", answer.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void fellBack(int count, String reason) {
        registry.counter("tally.half.fallback").increment(count);
    }
}
