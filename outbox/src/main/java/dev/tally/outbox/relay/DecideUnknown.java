package dev.tally.outbox.relay;

import dev.tally.outbox.Fate;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.publish.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the table what became of a transaction whose end the application did not see. All rows of a transaction share one
 * fate, so one of them answers, best one that nobody but this node removes: another node may have sent and removed the row
 * of a lane that was given to it, and its absence says nothing. Until there is an answer the transaction's keys wait.
 */
final class DecideUnknown {

    private static final Logger log = LoggerFactory.getLogger(DecideUnknown.class);

    private final RelayParts parts;
    private volatile boolean closed;

    DecideUnknown(RelayParts parts) {
        this.parts = parts;
    }

    /**
     * Asks what became of a transaction.
     *
     * @param rows its rows
     * @param ours whether only this node removes a row, at present
     */
    void add(List<OutboxEntry> rows, Predicate<OutboxEntry> ours, Settlement settlement) {
        parts.timers().execute(() -> decide(rows, ours, settlement, 1));
    }

    void close() {
        closed = true;
    }

    private void decide(List<OutboxEntry> rows, Predicate<OutboxEntry> ours, Settlement settlement, int attempt) {
        Fate fate = Fate.UNDECIDED;
        OutboxEntry found = rows.stream().filter(ours).findFirst().orElse(null);
        OutboxEntry witness = found == null ? rows.get(0) : found;
        try {
            // After a fencing another node has the row, if it is there, and may already have removed it.
            fate = closed ? Fate.ROLLED_BACK : parts.store().fateOf(witness.owner(), witness.id());
            if (fate == Fate.ROLLED_BACK && found != null && !closed && !ours.test(witness)) {
                // Given away while the database was asked.
                fate = Fate.UNDECIDED;
            }
        } catch (OutboxStoreException e) {
            log.warn("Transaction still unknown id={} attempt={}", witness.id(), attempt, e);
        }
        switch (fate) {
            case COMMITTED -> settlement.committed();
            case ROLLED_BACK -> settlement.rolledBack();
            case UNDECIDED -> {
                Duration delay = parts.delay(attempt);
                log.debug("Transaction undecided id={} nextLookInMillis={}", witness.id(), delay.toMillis());
                parts.timers().after(delay, () -> decide(rows, ours, settlement, attempt + 1));
            }
        }
        if (fate != Fate.UNDECIDED) {
            log.info("Transaction with unknown outcome decided id={} fate={} attempts={}", witness.id(), fate, attempt);
        }
    }
}
