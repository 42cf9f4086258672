package dev.tally.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential back-off with jitter. The wait before attempt {@code n + 1} is {@code initial * multiplier^(n - 1)}, at
 * most {@code max}, less a random part of at most {@code jitter} of it, so that those who failed together do not come
 * back together.
 *
 * @param initial the wait after the first failure; positive
 * @param max the longest wait; at least {@code initial}
 * @param multiplier how the wait grows with each failure; at least 1
 * @param jitter the part of a wait that is left to chance, 0 (none) to 1 (all)
 * @since 0.1
 */
public record Backoff(Duration initial, Duration max, double multiplier, double jitter) {

    public Backoff {
        if (initial.isNegative() || initial.isZero()) {
            throw new IllegalArgumentException("Cannot create a back-off: initial is " + initial + ", not positive");
        }
        if (max.compareTo(initial) < 0) {
            throw new IllegalArgumentException(
                    "Cannot create a back-off: max is " + max + ", shorter than initial " + initial);
        }
        if (!(multiplier >= 1)) {
            throw new IllegalArgumentException("Cannot create a back-off: multiplier is " + multiplier + ", below 1");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("Cannot create a back-off: jitter is " + jitter + ", not from 0 to 1");
        }
    }

    /**
     * How long to wait after failure {@code attempt}.
     *
     * @param attempt which attempt failed, from 1
     * @param random where the jitter comes from
     */
    public Duration delay(int attempt, RandomGenerator random) {
        if (attempt < 1) {
            throw new IllegalArgumentException(
                    "Cannot compute a delay after attempt " + attempt + ": they count from 1");
        }
        double limit = max.toNanos();
        // The power overflows to infinity for large attempts, and the minimum brings it back.
        double wait = Math.min(limit, initial.toNanos() * Math.pow(multiplier, attempt - 1));
        return Duration.ofNanos((long) (wait * (1 - jitter * random.nextDouble())));
    }
}
