package dev.tally.outbox.relay;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts transactions of this process whose rows are inserted, or about to be, and whose end is not known yet. */
final class OpenTransactions {

    private final AtomicInteger count = new AtomicInteger();

    void opened() {
        count.incrementAndGet();
    }

    void ended() {
        count.decrementAndGet();
    }

    boolean isNone() {
        return count.get() == 0;
    }
}
