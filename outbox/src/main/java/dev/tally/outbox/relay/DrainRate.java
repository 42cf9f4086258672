package dev.tally.outbox.relay;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * How much of the backlog may be sent now: a bucket that fills at the drain rate and holds a tenth of a second of it.
 * Guarded by {@link Lanes}.
 */
final class DrainRate {

    private static final double SECONDS_HELD = 0.1;
    private static final double NANOS = 1e9;

    private final double perSecond;
    private final double capacity;
    private final InstantSource clock;
    private double filled;
    private @Nullable Instant filledAt;

    DrainRate(double perSecond, InstantSource clock) {
        this.perSecond = perSecond;
        this.capacity = Math.max(1, perSecond * SECONDS_HELD);
        this.clock = clock;
        this.filled = 1;
    }

    boolean isLimited() {
        return !Double.isInfinite(perSecond);
    }

    /** How many messages may be sent now, {@code wanted} at most. */
    int available(int wanted) {
        if (!isLimited()) {
            return wanted;
        }
        fill();
        return (int) Math.min(wanted, filled);
    }

    private void fill() {
        Instant now = clock.instant();
        if (filledAt != null) {
            // A clock that is set back gives nothing, and one that is set forward no more than the bucket holds.
            double seconds = Math.max(0, Duration.between(filledAt, now).toMillis()) / 1000.0;
            if (seconds == 0 && !now.isBefore(filledAt)) {
                return;
            }
            filled = Math.min(capacity, filled + seconds * perSecond);
        }
        filledAt = now;
    }

    void used(int messages) {
        if (isLimited()) {
            filled -= messages;
        }
    }

    /** How long until there is something worth a wake-up. */
    Duration untilMore() {
        double missing = Math.max(1, capacity / 2) - filled;
        return Duration.ofNanos((long) (Math.max(0, missing) / perSecond * NANOS))
                .plusMillis(1);
    }
}
