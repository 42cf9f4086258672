package dev.tally.benchmarks.time;

import java.time.Duration;
import java.time.Instant;

/** The machine's clock, and real waiting. */
public final class SystemTiming implements Timing {

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public void pause(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }
}
