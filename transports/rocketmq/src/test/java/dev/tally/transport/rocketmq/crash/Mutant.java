package dev.tally.transport.rocketmq.crash;

/** A mistake that is built into the service, to see whether the harness finds it. */
public enum Mutant {
    /** No mistake. */
    NONE,
    /** The ledger commits its row at once instead of with the transaction. */
    LEDGER_IN_ITS_OWN_TRANSACTION,
    /** Who is not in the ledger is answered with COMMIT. */
    UNKNOWN_IS_COMMITTED,
    /** Who is not in the ledger is answered with ROLLBACK, without a tombstone. */
    NO_TOMBSTONE,
    /** Each delivery counts as new. */
    NO_INBOX
}
