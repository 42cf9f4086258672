package dev.tally.saga.definition;

import dev.tally.retry.Backoff;
import java.time.Duration;

/**
 * How often something is tried, and how long is waited in between.
 *
 * @param maxAttempts from 1; {@link #UNBOUNDED} for as often as it takes
 * @param backoff the waits
 * @since 0.1
 */
public record RetryPolicy(int maxAttempts, Backoff backoff) {

    /** As often as it takes. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    /** Three attempts with waits from one second: what a compensatable step has by default. */
    public static final RetryPolicy OF_STEPS =
            new RetryPolicy(3, new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 2, 0.5));

    /** Without bound, with waits from one second to five minutes: what retriable steps have by default. */
    public static final RetryPolicy OF_RETRIABLE_STEPS =
            new RetryPolicy(UNBOUNDED, new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5), 2, 0.5));

    /** Twelve attempts with waits from one second to five minutes, half an hour in all: what pivots and compensations have. */
    public static final RetryPolicy OF_COMPENSATIONS =
            new RetryPolicy(12, new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5), 2, 0.5));

    /** Checks the number. */
    public RetryPolicy {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("Cannot retry with " + maxAttempts + " attempts: at least 1 is needed");
        }
    }

    /** The same waits with another number of attempts. */
    public RetryPolicy withMaxAttempts(int attempts) {
        return new RetryPolicy(attempts, backoff);
    }
}
