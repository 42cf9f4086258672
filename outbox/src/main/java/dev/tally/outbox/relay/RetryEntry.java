package dev.tally.outbox.relay;

import dev.tally.message.Message;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by the rules what follows a failure: an entry is sent again after a wait, or given up, at once or when its
 * attempts are used up. Only its own key waits meanwhile.
 */
final class RetryEntry {

    private static final Logger log = LoggerFactory.getLogger(RetryEntry.class);

    private final RelayParts parts;
    private final String node;
    private final Lanes lanes;
    private final Circuit circuit;
    private final ParkEntry park;
    private final Runnable send;

    RetryEntry(RelayParts parts, String node, Lanes lanes, Circuit circuit, ParkEntry park, Runnable send) {
        this.parts = parts;
        this.node = node;
        this.lanes = lanes;
        this.circuit = circuit;
        this.park = park;
        this.send = send;
    }

    /** An entry was not confirmed. */
    void failed(HeldEntry held, SendOutcome.Failed failure) {
        String reason = failure.reason();
        if (failure.retryable() && !circuit.failed(reason)) {
            // Not the message's failure but the broker's.
            parts.listener().retried(held.entry(), held.attempts(), Duration.ZERO, reason);
            lanes.handBack(held);
            return;
        }
        if (!failure.retryable()) {
            circuit.answered();
        }
        switch (verdict(held, failure)) {
            case PARK -> park.add(held, held.countFailure(), reason);
            case RETRY_UNCOUNTED -> retryAfter(parts.delay(held.countUncounted()), held, held.attempts(), reason);
            case RETRY -> {
                int attempts = held.countFailure();
                if (attempts >= parts.settings().maxAttempts()) {
                    park.add(held, attempts, reason);
                } else {
                    parts.timers().execute(() -> record(held, attempts, reason));
                    retryAfter(parts.delay(attempts), held, attempts, reason);
                }
            }
        }
    }

    private OutboxRetryRules.Verdict verdict(HeldEntry held, SendOutcome.Failed failure) {
        Message message = held.entry().message();
        try {
            return parts.rules().verdict(message, failure);
        } catch (RuntimeException e) {
            log.error("Outbox retry rules failed messageId={}; the defaults are taken", message.id(), e);
            return OutboxRetryRules.defaults().verdict(message, failure);
        }
    }

    private void retryAfter(Duration delay, HeldEntry held, int attempts, String reason) {
        OutboxEntry entry = held.entry();
        log.warn(
                "Outbox entry not sent id={} messageId={} attempt={} nextAttemptInMillis={} reason={}",
                entry.id(),
                entry.message().id(),
                attempts,
                delay.toMillis(),
                reason);
        parts.listener().retried(entry, attempts, delay, reason);
        parts.timers().after(delay, () -> {
            lanes.retry(held);
            send.run();
        });
    }

    private void record(HeldEntry held, int attempts, String reason) {
        OutboxEntry entry = held.entry();
        try {
            if (!parts.store().recordFailure(node, held.epoch(), entry.owner(), entry.id(), attempts, reason)) {
                log.debug("Failed attempt not noted: outbox row is gone or kept by another id={}", entry.id());
            }
        } catch (OutboxStoreException e) {
            // The attempt is counted in memory; a restart would begin with the last number that was written.
            log.warn("Failed attempt not noted id={} attempt={}", entry.id(), attempts, e);
        }
    }
}
