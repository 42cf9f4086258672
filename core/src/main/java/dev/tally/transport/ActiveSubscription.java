package dev.tally.transport;

import java.util.Optional;

/**
 * A subscription that delivers until it is closed.
 *
 * @since 0.1
 */
public interface ActiveSubscription extends AutoCloseable {

    /** What can be seen and changed while it runs; empty where the transport handles deliveries in its own way. */
    default Optional<SubscriptionControl> control() {
        return Optional.empty();
    }

    /** How far its group has got, and a way to move it; empty where the transport has no positions. */
    default Optional<SubscriptionPositions> positions() {
        return Optional.empty();
    }

    /** Stops deliveries and waits for running handlers within the transport's limit. Idempotent. */
    @Override
    void close();
}
