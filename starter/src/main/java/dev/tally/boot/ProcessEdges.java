package dev.tally.boot;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The real clock, chance and names of this process: everything that is not repeatable comes in here and is handed on.
 *
 * @param clock wall clock
 * @param random for ids and jitter, thread-safe
 * @param uniqueNames unique for ever
 * @since 0.1
 */
public record ProcessEdges(InstantSource clock, RandomGenerator random, Supplier<String> uniqueNames) {

    /** The real ones. */
    static ProcessEdges real() {
        return new ProcessEdges(InstantSource.system(), new SecureRandom(), () -> UUID.randomUUID()
                .toString());
    }
}
