package dev.tally.half;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of half messages at a moment.
 *
 * @param undecided transactions whose half messages the broker has, and has not confirmed to be decided
 * @param oldestUndecided the age of the oldest of them, {@code null} for none
 * @param breaker whether the broker is tried ({@code CLOSED}), left alone ({@code OPEN}), or tried by one transaction at
 *     a time ({@code HALF_OPEN})
 * @since 0.1
 */
public record HalfMessageStats(int undecided, @Nullable Duration oldestUndecided, CircuitBreaker.State breaker) {}
