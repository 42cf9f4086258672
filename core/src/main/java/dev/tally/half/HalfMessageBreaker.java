package dev.tally.half;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * The circuit breaker between transactions and a broker that does not take their half messages.
 *
 * <ul>
 *   <li>It opens when half of the last ten transactions, or the first three, were refused or not answered in time.
 *   <li>It opens as well when most of the last ten were answered, but only after half of the time that a commit waits at
 *       most: every transaction would be that slow.
 *   <li>While it is open, transactions go the fallback's way at once. After a second, one at a time tries the broker
 *       again; the first that succeeds closes it.
 * </ul>
 *
 * @since 0.1
 */
public final class HalfMessageBreaker {

    /** Its name, in metrics and health. */
    public static final String NAME = "tally-half-message";

    static final int FAILURES_TO_OPEN = 3;

    private static final int LAST = 10;
    private static final float HALF_OF_THEM = 50;
    private static final float MOST_OF_THEM = 80;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private HalfMessageBreaker() {}

    /**
     * A closed breaker.
     *
     * @param prepareTimeout how long a commit waits for the broker at most
     * @param clock times its pauses
     */
    public static CircuitBreaker closed(Duration prepareTimeout, InstantSource clock) {
        return CircuitBreaker.of(
                NAME,
                CircuitBreakerConfig.custom()
                        .slidingWindowType(SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(LAST)
                        .minimumNumberOfCalls(FAILURES_TO_OPEN)
                        .failureRateThreshold(HALF_OF_THEM)
                        .slowCallDurationThreshold(prepareTimeout.dividedBy(2))
                        .slowCallRateThreshold(MOST_OF_THEM)
                        .waitDurationInOpenState(PAUSE)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .clock(clock.withZone(ZoneOffset.UTC))
                        .currentTimestampFunction(java.time.Clock::millis, TimeUnit.MILLISECONDS)
                        .build());
    }
}
