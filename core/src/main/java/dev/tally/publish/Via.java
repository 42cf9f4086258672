package dev.tally.publish;

/**
 * How a message leaves.
 *
 * @since 0.1
 */
public enum Via {
    /** Through the outbox table: written in the transaction, sent after its commit. Works while the broker is down. */
    OUTBOX,
    /**
     * As a half message: at the broker before the commit, visible after it. Costs the database one small row. Where the
     * broker cannot take it, the same transaction falls back to the outbox. Brokers make half
     * messages visible in the order in which they hear of the commits, so where the order of a key matters across
     * transactions, use {@link #OUTBOX}.
     */
    HALF_MESSAGE
}
