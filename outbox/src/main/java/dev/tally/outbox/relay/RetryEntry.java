package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends an entry again after a wait, and gives it up when its attempts are used up. Only its own key waits meanwhile. */
final class RetryEntry {

    private static final Logger log = LoggerFactory.getLogger(RetryEntry.class);

    private final RelayParts parts;
    private final String node;
    private final Lanes lanes;
    private final ParkEntry park;
    private final Runnable send;

    RetryEntry(RelayParts parts, String node, Lanes lanes, ParkEntry park, Runnable send) {
        this.parts = parts;
        this.node = node;
        this.lanes = lanes;
        this.park = park;
        this.send = send;
    }

    /**
     * An entry was not confirmed.
     *
     * @param counts whether that is held against the entry, and not against the broker
     */
    void failed(HeldEntry held, boolean counts, String reason) {
        if (!counts) {
            parts.listener().retried(held.entry(), held.attempts(), Duration.ZERO, reason);
            lanes.retry(held);
            return;
        }
        int attempts = held.countFailure();
        if (attempts >= parts.settings().maxAttempts()) {
            park.add(held, attempts, reason);
            return;
        }
        Duration delay = parts.delay(attempts);
        OutboxEntry entry = held.entry();
        log.warn(
                "Outbox entry not sent id={} messageId={} attempt={} nextAttemptInMillis={} reason={}",
                entry.id(),
                entry.message().id(),
                attempts,
                delay.toMillis(),
                reason);
        parts.listener().retried(entry, attempts, delay, reason);
        parts.timers().execute(() -> record(entry, attempts, reason));
        parts.timers().after(delay, () -> {
            lanes.retry(held);
            send.run();
        });
    }

    private void record(OutboxEntry entry, int attempts, String reason) {
        try {
            if (!parts.store().recordFailure(node, entry.owner(), entry.id(), attempts, reason)) {
                log.debug("Failed attempt not noted: outbox row is gone or kept by another id={}", entry.id());
            }
        } catch (OutboxStoreException e) {
            // The attempt is counted in memory; a restart would begin with the last number that was written.
            log.warn("Failed attempt not noted id={} attempt={}", entry.id(), attempts, e);
        }
    }
}
