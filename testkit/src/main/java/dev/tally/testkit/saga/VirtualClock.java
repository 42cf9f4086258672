package dev.tally.testkit.saga;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time that goes on when it is told to. For one thread. */
final class VirtualClock implements InstantSource {

    private static final Instant BEGINNING = Instant.ofEpochSecond(1_700_000_000);

    private Instant now = BEGINNING;
    private boolean wentBack;

    @Override
    public Instant instant() {
        return now;
    }

    void forward(Duration by) {
        now = now.plus(by);
    }

    /** Somebody sets the clocks back. */
    void back(Duration by) {
        now = now.minus(by);
        wentBack = true;
    }

    boolean hasGoneBack() {
        return wentBack;
    }

    void forwardTo(Instant time) {
        if (time.isAfter(now)) {
            now = time;
        }
    }

    Duration sinceBeginning() {
        return Duration.between(BEGINNING, now);
    }

    /** The clock of a machine that is wrong by {@code skew}. */
    InstantSource skewed(Duration skew) {
        return () -> now.plus(skew);
    }
}
