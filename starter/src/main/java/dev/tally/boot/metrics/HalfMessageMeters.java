package dev.tally.boot.metrics;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts half messages and check-backs, from zero on: what never happened is there to be seen as well. Thread-safe. */
final class HalfMessageMeters implements HalfMessageListener {

    private final Counter prepared;
    private final Counter committed;
    private final Counter rolledBack;
    private final Counter unknown;
    private final Counter fallback;
    private final Timer decided;
    private final Map<CheckBackAnswer, Counter> checkBacks = new EnumMap<>(CheckBackAnswer.class);

    HalfMessageMeters(MeterRegistry registry) {
        prepared = counter(registry, "prepared", "Half messages that the broker has confirmed");
        committed = counter(registry, "committed", "Half messages of transactions that committed");
        rolledBack = counter(registry, "rolledback", "Half messages of transactions that rolled back");
        unknown = counter(
                registry,
                "unknown",
                "Half messages whose decision the broker has not confirmed, or whose transaction ended unknown; the"
                        + " check-back decides");
        fallback = counter(registry, "fallback", "Messages that went another way because the broker did not take them");
        decided = Timer.builder("tally.half.decided")
                .description("From the preparation of half messages until the broker confirmed their decision")
                .register(registry);
        for (CheckBackAnswer answer : CheckBackAnswer.values()) {
            checkBacks.put(
                    answer,
                    Counter.builder("tally.half.checkback")
                            .description("Check-backs that this process has answered")
                            .tag("answer", answer.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder("tally.half." + name).description(description).register(registry);
    }

    @Override
    public void prepared(int count) {
        prepared.increment(count);
    }

    @Override
    public void committed(int count) {
        committed.increment(count);
    }

    @Override
    public void rolledBack(int count) {
        rolledBack.increment(count);
    }

    @Override
    public void decided(int count, boolean confirmed, Duration open) {
        if (confirmed) {
            decided.record(open);
        } else {
            unknown.increment(count);
        }
    }

    @Override
    public void checkedBack(CheckBackAnswer answer) {
        Counter counter = checkBacks.get(answer);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void fellBack(int count, String reason) {
        fallback.increment(count);
    }
}
