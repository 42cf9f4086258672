package dev.tally.half;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Keeps transactions from waiting for a broker that does not answer: after {@value #FAILURES_TO_OPEN} failures in a row
 * it lets nobody through but one probe every so often, until one succeeds. Thread-safe.
 */
final class BrokerGuard {

    static final int FAILURES_TO_OPEN = 3;

    private final InstantSource clock;
    private final Duration pause;
    private int failures;
    private Instant nextProbe = Instant.MIN;

    /** @param pause the time between probes while the broker does not answer */
    BrokerGuard(InstantSource clock, Duration pause) {
        this.clock = clock;
        this.pause = pause;
    }

    /** Whether to try. While the guard is open, yes means: as the one probe of this pause. */
    synchronized boolean mayTry() {
        if (failures < FAILURES_TO_OPEN) {
            return true;
        }
        Instant now = clock.instant();
        if (now.isBefore(nextProbe)) {
            return false;
        }
        nextProbe = now.plus(pause);
        return true;
    }

    synchronized void succeeded() {
        failures = 0;
    }

    synchronized void failed() {
        if (failures < FAILURES_TO_OPEN) {
            failures++;
        }
        nextProbe = clock.instant().plus(pause);
    }
}
