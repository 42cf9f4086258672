package dev.tally.publish;

/**
 * Changes that an object-relational mapper still holds in memory for the current transaction.
 *
 * <p>They are written before the messages are: then the database's row locks are taken before a path allocates ids, so
 * two transactions that conflict get their ids in the order in which they took effect.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface PendingChanges {

    /**
     * Writes them to the database, inside the current transaction, right before its commit. Does nothing where there are
     * none. An exception makes the transaction roll back.
     */
    void flush();
}
