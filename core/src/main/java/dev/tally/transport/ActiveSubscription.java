package dev.tally.transport;

/**
 * A subscription that delivers until it is closed.
 *
 * @since 0.1
 */
public interface ActiveSubscription extends AutoCloseable {

    /** Stops deliveries and waits for running handlers within the transport's limit. Idempotent. */
    @Override
    void close();
}
