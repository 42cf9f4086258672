package dev.tally.broker.half;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When check-backs are due.
 *
 * @param immunity how long after the prepare the first is due, unless the half message has its own; 6 s by default
 * @param interval how long after the first the second is due, and how long a polled one waits to be reported; each
 *     further pause is twice as long; 10 s by default
 * @param maxInterval the longest pause; 10 min by default
 * @param retry how long after a check that reached nobody the next attempt is due; 2 s by default, a
 *     minute where a million wait
 * @param maxChecks how many are delivered before the half message is parked; 15 by default
 * @since 0.1
 */
public record CheckPolicy(Duration immunity, Duration interval, Duration maxInterval, Duration retry, int maxChecks) {

    private static final double JITTER = 0.1;
    private static final long RESTART_NANOS_EACH = 1_000_000;
    private static final long RETRY_NANOS_EACH = 50_000;
    private static final long RESTART_NANOS_MIN = 1_000_000_000;

    /** Refuses what cannot work. */
    public CheckPolicy {
        if (immunity.isNegative()
                || interval.isNegative()
                || interval.isZero()
                || maxInterval.compareTo(interval) < 0
                || retry.isNegative()
                || retry.isZero()
                || maxChecks < 1) {
            throw new IllegalArgumentException("Cannot check back with immunity " + immunity + ", interval " + interval
                    + ", maxInterval " + maxInterval + ", retry " + retry + ", maxChecks " + maxChecks);
        }
    }

    /** The defaults. */
    public static CheckPolicy defaults() {
        return new CheckPolicy(
                Duration.ofSeconds(6), Duration.ofSeconds(10), Duration.ofMinutes(10), Duration.ofSeconds(2), 15);
    }

    /** The pause after that many delivered checks, longer by up to a tenth, so that checks do not come in step. */
    long nanosAfter(int checks, RandomGenerator random) {
        long nanos = interval.toNanos();
        for (int i = 1; i < checks && nanos < maxInterval.toNanos(); i++) {
            nanos *= 2;
        }
        return jittered(Math.min(nanos, maxInterval.toNanos()), random);
    }

    /** The pause after a check that reached nobody; longer where very many wait, so that looking costs little. */
    long retryNanos(int undecided, RandomGenerator random) {
        return jittered(Math.max(retry.toNanos(), undecided * RETRY_NANOS_EACH), random);
    }

    /** A moment of the time over which the first checks after a start are spread: a second, a minute for 60,000. */
    static long spreadNanos(int undecided, RandomGenerator random) {
        return random.nextLong(Math.max(RESTART_NANOS_MIN, undecided * RESTART_NANOS_EACH));
    }

    private static long jittered(long nanos, RandomGenerator random) {
        return nanos + (long) (nanos * JITTER * random.nextDouble());
    }
}
