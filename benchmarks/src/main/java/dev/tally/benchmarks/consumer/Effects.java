package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.time.Timing;
import dev.tally.consume.ConsumeListener;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of messages: every way of consuming says here what it has committed, ours as any application would be told.
 * Thread-safe.
 */
final class Effects implements ConsumeListener {

    private final Timing timing;
    private final AtomicLong effects = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final LongAdder failures = new LongAdder();
    private volatile long firstNanos;
    private volatile long lastNanos;

    Effects(Timing timing) {
        this.timing = timing;
    }

    @Override
    public void handled(String topic, String group, Duration took) {
        took(1, 0);
    }

    @Override
    public void duplicate(String topic, String group) {
        took(0, 1);
    }

    @Override
    public void failed(String topic, String group, Duration took, String reason) {
        failed();
    }

    @Override
    public void takenApart(String topic, String group, int messages, String reason) {
        failed();
    }

    /** So many messages took effect, and so many others were known already; their transaction has committed. */
    void took(int newOnes, int known) {
        long now = timing.nanos();
        if (duplicates.getAndAdd(known) + effects.getAndAdd(newOnes) == 0) {
            firstNanos = now;
        }
        lastNanos = now;
    }

    /** A transaction was rolled back. */
    void failed() {
        failures.increment();
    }

    long effects() {
        return effects.get();
    }

    long duplicates() {
        return duplicates.get();
    }

    /** How many messages have come to an end. */
    long settled() {
        return effects() + duplicates();
    }

    long failures() {
        return failures.sum();
    }

    /** When the first message came to an end. */
    long firstNanos() {
        return firstNanos;
    }

    /** When the last one did. */
    long lastNanos() {
        return lastNanos;
    }
}
