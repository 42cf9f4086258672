package dev.tally.consume.dispatch;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many messages may begin now: a bucket that fills at the rate and holds a twentieth of a second of it, at least one
 * message, so that a pause is not followed by a burst. Guarded by {@link KeyedDispatcher}.
 */
final class RateLimit {

    private static final double SECONDS_HELD = 0.05;
    private static final double NANOS = 1e9;

    private final LongSupplier nanoTime;
    private double perSecond;
    private double filled;
    private long filledAt;

    RateLimit(double perSecond, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.perSecond = perSecond;
        this.filled = 1;
        this.filledAt = nanoTime.getAsLong();
    }

    double perSecond() {
        return perSecond;
    }

    void change(double newPerSecond) {
        fill();
        perSecond = newPerSecond;
        filled = Math.min(filled, capacity());
    }

    private boolean isLimited() {
        return !Double.isInfinite(perSecond);
    }

    private double capacity() {
        return Math.max(1, perSecond * SECONDS_HELD);
    }

    private void fill() {
        long now = nanoTime.getAsLong();
        if (isLimited()) {
            filled = Math.min(capacity(), filled + (now - filledAt) / NANOS * perSecond);
        }
        filledAt = now;
    }

    /** How many messages may begin now, {@code wanted} at most. */
    int available(int wanted) {
        if (!isLimited()) {
            return wanted;
        }
        fill();
        // Rounding must not keep the last one back for ever.
        return (int) Math.min(wanted, filled + 1e-6);
    }

    void used(int messages) {
        if (isLimited()) {
            filled -= messages;
        }
    }

    /** How long until the next may begin. */
    Duration untilNext() {
        return Duration.ofNanos((long) Math.ceil(Math.max(0, 1 - filled) / perSecond * NANOS));
    }
}
