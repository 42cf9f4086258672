package dev.tally.outbox;

/**
 * What becomes of a key when one of its messages is given up.
 *
 * @since 0.1
 */
public enum PoisonPolicy {
    /** The message is parked, and the key goes on without it. */
    CONTINUE,
    /**
     * The message is parked, and what comes after it for the same key waits in the table, in order, until a person resumes
     * or discards it. Other keys go on. Without a key the same as {@link #CONTINUE}.
     */
    BLOCK
}
