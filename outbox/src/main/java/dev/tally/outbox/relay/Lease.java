package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Whether this node may take itself for alive. Counted from the moment before the last heartbeat was written, which is
 * earlier than what the database noted, and one heartbeat shorter than the expiry: it ends here before others may adopt.
 * A clock that jumps ends it early until the next heartbeat, or, jumping back, at once. Thread-safe.
 */
final class Lease {

    private final InstantSource clock;
    private final Duration length;
    private volatile Instant renewedAt;

    Lease(InstantSource clock, OutboxSettings settings, Instant renewedAt) {
        this.clock = clock;
        this.length = settings.nodeExpiry().minus(settings.heartbeat());
        this.renewedAt = renewedAt;
    }

    /** A heartbeat was written, after {@code before}. */
    void renewed(Instant before) {
        renewedAt = before;
    }

    boolean holds() {
        Duration age = Duration.between(renewedAt, clock.instant());
        return !age.isNegative() && age.compareTo(length) < 0;
    }
}
