package dev.tally.broker.store;

/** Who decided. Kept in the log, so that counts by origin survive a restart. */
public enum DecisionOrigin {
    /** The producer, at the end of its transaction. */
    PRODUCER,
    /** A producer of the group, answering a check-back. */
    CHECK_BACK,
    /** A person. */
    OPERATOR
}
