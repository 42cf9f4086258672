package dev.tally.consume.dispatch;

import java.util.Random;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The clock and the chance of a dispatcher: what is not repeatable comes in here.
 *
 * @param nanoTime a clock that only goes forward, in nanoseconds
 * @param random where the jitter of retries comes from, thread-safe
 * @since 0.1
 */
public record DispatchEdges(LongSupplier nanoTime, RandomGenerator random) {

    /** Those of the machine. */
    public static DispatchEdges real() {
        return new DispatchEdges(System::nanoTime, new Random());
    }
}
