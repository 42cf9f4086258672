package dev.tally.sample.demo.time;

import java.time.Duration;
import java.time.Instant;

/**
 * Time and waiting. Thread-safe.
 *
 * @since 0.1
 */
public interface Pacing {

    /** The time now. */
    Instant now();

    /** Waits. */
    void pause(Duration time) throws InterruptedException;
}
