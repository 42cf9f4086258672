package dev.tally.broker.env;

/**
 * The broker's clock: a wall clock for what is stored, a monotonic one for what is measured while the process lives.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public interface BrokerClock {

    /** The wall clock, epoch milliseconds. It may jump in both directions. */
    long millis();

    /** Nanoseconds from an arbitrary origin, never going back. Compare only differences. */
    long nanoTime();
}
