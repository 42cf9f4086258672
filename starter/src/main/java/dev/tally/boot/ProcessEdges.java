package dev.tally.boot;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The real clock, chance and names of this process: everything that is not repeatable comes in here and is handed on.
 *
 * @param clock wall clock
 * @param steadyClock only counts on, whatever is done to the wall clock: for leases
 * @param random for ids and jitter, thread-safe
 * @param uniqueNames unique for ever
 * @since 0.1
 */
public record ProcessEdges(
        InstantSource clock, InstantSource steadyClock, RandomGenerator random, Supplier<String> uniqueNames) {

    /** The real ones. */
    static ProcessEdges real() {
        return new ProcessEdges(InstantSource.system(), steady(), new SecureRandom(), () -> UUID.randomUUID()
                .toString());
    }

    private static InstantSource steady() {
        Instant start = Instant.now();
        long startNanos = System.nanoTime();
        return () -> start.plusNanos(System.nanoTime() - startNanos);
    }
}
