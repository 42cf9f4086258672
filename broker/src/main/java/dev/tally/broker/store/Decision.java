package dev.tally.broker.store;

/** What a producer decides about a half message. */
public enum Decision {
    /** The local transaction committed: the message becomes visible. */
    COMMIT,
    /** The local transaction did not commit: the message is never seen. */
    ROLLBACK
}
