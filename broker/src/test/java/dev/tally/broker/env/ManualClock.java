package dev.tally.broker.env;

import java.time.Duration;

/** A clock that moves when it is told to; the wall can be moved alone. */
public final class ManualClock implements BrokerClock {

    private volatile long millis = 1_700_000_000_000L;
    private volatile long nanos = 42;

    @Override
    public long millis() {
        return millis;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    public void advance(Duration duration) {
        millis += duration.toMillis();
        nanos += duration.toNanos();
    }

    public void jumpWall(Duration duration) {
        millis += duration.toMillis();
    }
}
