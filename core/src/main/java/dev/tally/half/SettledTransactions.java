package dev.tally.half;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local transactions whose half messages the broker has confirmed to be decided: their rows in the ledger are of no use
 * any more, and are removed in batches after a while, so that questions that were already on their way still find them.
 *
 * <p>It is memory only. What is lost with the process, or was never confirmed, stays in the ledger until its retention
 * removes it. Thread-safe.
 *
 * @since 0.1
 */
public final class SettledTransactions implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(SettledTransactions.class);
    private static final Duration GRACE = Duration.ofMinutes(1);
    private static final int BATCH = 500;
    private static final int MOST = 200_000;

    private final TransactionLedger ledger;
    private final InstantSource clock;
    private final Deque<Settled> waiting = new ArrayDeque<>();

    private record Settled(String transactionId, Instant since) {}

    /** Forgets what {@code ledger} needs no more, by {@code clock}. */
    public SettledTransactions(TransactionLedger ledger, InstantSource clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    /** The broker has confirmed all half messages of a transaction. */
    synchronized void add(String transactionId) {
        if (waiting.size() < MOST) {
            waiting.addLast(new Settled(transactionId, clock.instant()));
        }
    }

    /** Removes what has waited long enough. To be called every second or so, by one thread at a time. */
    @Override
    public void run() {
        for (List<String> due = due(); !due.isEmpty(); due = due()) {
            try {
                ledger.forget(due);
            } catch (RuntimeException e) {
                log.warn(
                        "cannot remove {} settled transactions from the ledger, its retention will first={}",
                        due.size(),
                        due.get(0),
                        e);
                return;
            }
        }
    }

    private synchronized List<String> due() {
        Instant limit = clock.instant().minus(GRACE);
        List<String> due = new ArrayList<>();
        while (due.size() < BATCH
                && !waiting.isEmpty()
                && !waiting.peekFirst().since().isAfter(limit)) {
            due.add(waiting.removeFirst().transactionId());
        }
        return due;
    }
}
