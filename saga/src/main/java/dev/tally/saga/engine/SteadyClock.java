package dev.tally.saga.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * A clock that does not jump: it goes with the machine's monotonic clock, and follows another clock by no more than a tenth of
 * the time that passes. So a clock that is set an hour forward makes no timer fire early by more than a tenth of its length,
 * and one that is set back holds none up for longer. Thread-safe.
 *
 * @since 0.1
 */
public final class SteadyClock implements InstantSource {

    private static final long PART = 10;

    private final InstantSource wall;
    private final LongSupplier nanoTime;
    private Instant time;
    private long lastNanos;

    /**
     * Creates a clock that begins with the time of {@code wall}.
     *
     * @param nanoTime a monotonic clock, for instance {@code System::nanoTime}
     */
    public SteadyClock(InstantSource wall, LongSupplier nanoTime) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        this.time = wall.instant();
        this.lastNanos = nanoTime.getAsLong();
    }

    @Override
    public synchronized Instant instant() {
        long nanos = nanoTime.getAsLong();
        long passed = Math.max(0, nanos - lastNanos);
        lastNanos = nanos;
        time = time.plusNanos(passed);
        Duration behind = Duration.between(time, wall.instant());
        Duration most = Duration.ofNanos(passed / PART);
        if (behind.abs().compareTo(most) > 0) {
            behind = behind.isNegative() ? most.negated() : most;
        }
        time = time.plus(behind);
        return time;
    }
}
