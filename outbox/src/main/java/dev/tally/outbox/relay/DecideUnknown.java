package dev.tally.outbox.relay;

import dev.tally.outbox.Fate;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStoreException;
import dev.tally.publish.Settlement;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the table what became of a transaction whose end the application did not see. All rows of a transaction share one
 * fate, so one of them answers. Until then its keys wait.
 */
final class DecideUnknown {

    private static final Logger log = LoggerFactory.getLogger(DecideUnknown.class);

    private final RelayParts parts;
    private volatile boolean closed;

    DecideUnknown(RelayParts parts) {
        this.parts = parts;
    }

    void add(OutboxEntry witness, Settlement settlement) {
        parts.timers().execute(() -> decide(witness, settlement, 1));
    }

    void close() {
        closed = true;
    }

    private void decide(OutboxEntry witness, Settlement settlement, int attempt) {
        Fate fate = Fate.UNDECIDED;
        try {
            // After a fencing another node has the row, if it is there, and may already have removed it.
            fate = closed ? Fate.ROLLED_BACK : parts.store().fateOf(witness.owner(), witness.id());
        } catch (OutboxStoreException e) {
            log.warn("Transaction still unknown id={} attempt={}", witness.id(), attempt, e);
        }
        switch (fate) {
            case COMMITTED -> settlement.committed();
            case ROLLED_BACK -> settlement.rolledBack();
            case UNDECIDED -> {
                Duration delay = parts.delay(attempt);
                log.debug("Transaction undecided id={} nextLookInMillis={}", witness.id(), delay.toMillis());
                parts.timers().after(delay, () -> decide(witness, settlement, attempt + 1));
            }
        }
        if (fate != Fate.UNDECIDED) {
            log.info("Transaction with unknown outcome decided id={} fate={} attempts={}", witness.id(), fate, attempt);
        }
    }
}
