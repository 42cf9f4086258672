package dev.tally.benchmarks.consumer;

/** How the service consumes. */
public enum Style {
    /** An annotated method that updates an account. */
    TALLY,
    /** The same with an inbox that remembers nothing. */
    TALLY_NO_INBOX,
    /** The official client's listener, and a transaction for each message. */
    BY_HAND_SINGLE,
    /** The official client's listener, and a transaction for each batch. */
    BY_HAND_BATCH,
    /** An annotated method that waits as one does that calls another service. */
    TALLY_SLEEPING,
    /** The official client's ordered listener that waits as long, and does nothing else. */
    ORDERED_SLEEPING;

    /** Whether it is ours. */
    boolean isTally() {
        return this == TALLY || this == TALLY_NO_INBOX || this == TALLY_SLEEPING;
    }

    /** Whether each message updates an account. */
    public boolean updates() {
        return this != TALLY_SLEEPING && this != ORDERED_SLEEPING;
    }
}
