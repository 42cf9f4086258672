package dev.tally.benchmarks.time;

import java.time.Duration;
import java.time.Instant;

/** Time and waiting. Thread-safe. */
public interface Timing {

    /** A clock in nanoseconds that never goes back; only differences mean something. */
    long nanos();

    /** The time of day. */
    Instant now();

    /** Waits. */
    void pause(Duration time) throws InterruptedException;

    /** The time since {@link #nanos()} said {@code start}. */
    default Duration since(long start) {
        return Duration.ofNanos(nanos() - start);
    }
}
