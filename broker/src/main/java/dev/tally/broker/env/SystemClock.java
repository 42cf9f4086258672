package dev.tally.broker.env;

/**
 * The machine's clock: the one class of the broker that reads it.
 *
 * @since 0.1
 */
public final class SystemClock implements BrokerClock {

    /** A view of the machine's clock; instances do not differ. */
    public SystemClock() {}

    @Override
    public long millis() {
        return System.currentTimeMillis();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
