package dev.tally.half;

import java.time.Duration;
import java.util.List;

/**
 * The ledger of local transactions that have half messages: one row for each, written in that transaction, so that the
 * row is there if and only if the transaction committed.
 *
 * <p>The table's primary key is the transaction id. A check-back that finds no row inserts a tombstone under the same
 * key in a transaction of its own; whichever insert is first wins, so broker and database cannot disagree.
 *
 * @since 0.1
 */
public interface TransactionLedger {

    /**
     * Records, in the current transaction, that it committed if it does.
     *
     * @throws TransactionFencedException if a check-back has already answered ROLLBACK for it; the current transaction
     *     must roll back
     */
    void recordCommitted(String transactionId);

    /**
     * Changes, in the current transaction, its own row of {@link #recordCommitted} to a tombstone: the business
     * transaction goes on, but its half messages must not become visible (they go another way).
     */
    void recordRolledBack(String transactionId);

    /**
     * Finds out, in a transaction of its own, what became of a transaction, and fences it if it has not committed.
     * Waits at most a second or so for a running transaction that has the row, then answers {@code UNKNOWN}.
     */
    CheckBackAnswer resolve(String transactionId);

    /**
     * Removes rows that are older than {@code age} by the database's clock. A check-back that comes for one of them later is
     * answered with ROLLBACK, see {@link LedgerRetention}.
     *
     * @param limit rows removed at most in this call, in a transaction of its own
     * @return how many were removed
     */
    int purge(Duration age, int limit);

    /**
     * Removes the rows of transactions that nobody will ask for any more, in a transaction of its own.
     *
     * @return how many were there
     */
    int forget(List<String> transactionIds);

    /**
     * Sets, by hand and in the current transaction, what every later check-back is answered, if a row still says what was
     * found. The row is locked until the current transaction ends, so that of two such decisions one comes first.
     *
     * @param found what {@link #resolve} said, COMMIT or ROLLBACK
     * @param answer COMMIT or ROLLBACK
     * @return whether it is set; otherwise nothing was changed
     */
    boolean decideByHand(String transactionId, CheckBackAnswer found, CheckBackAnswer answer);
}
