package dev.tally.consume;

import dev.tally.consume.deadletter.DeadLetter;
import dev.tally.consume.deadletter.DeadLetterFailure;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Dead-letters deliveries: in the store, where there is one, and otherwise by the transport. Nothing is acknowledged
 * before it is kept. Thread-safe.
 */
final class DeadLettering {

    private final String group;
    private final @Nullable DeadLetterStore store;
    private final TransactionTemplate ownTransaction;
    private final HandlingReport report;

    DeadLettering(
            String group, @Nullable DeadLetterStore store, TransactionTemplate ownTransaction, HandlingReport report) {
        this.group = group;
        this.store = store;
        this.ownTransaction = ownTransaction;
        this.report = report;
    }

    DeliveryOutcome deadLetter(ReceivedMessage received, String reason, @Nullable Throwable failure) {
        DeadLetterStore keeper = store;
        if (keeper == null) {
            return report.deadLettered(received, reason, failure, false);
        }
        DeadLetter letter = DeadLetter.of(
                group,
                received.message(),
                received.attempt(),
                DeadLetterFailure.of(reason, failure),
                received.storedAt());
        try {
            ownTransaction.executeWithoutResult(status -> keeper.keep(letter));
            return report.deadLettered(received, reason, failure, true);
        } catch (DataIntegrityViolationException e) {
            // A message that the table cannot hold, with a key that is too long for instance: the broker can.
            return report.deadLettered(
                    received, reason + "; it cannot be kept here: " + e.getMessage(), failure, false);
        } catch (RuntimeException e) {
            return report.postponed(received.message(), e);
        }
    }
}
