package dev.tally.outbox;

import java.time.Duration;

/**
 * Watches the outbox, for logs and meters. Called on the relay's and the transport's threads, outside of locks; must be
 * quick. Exceptions are logged and change nothing. Not told about what happens in the moment a process dies: the table is
 * the truth, this is the news.
 *
 * @since 0.1
 */
public interface OutboxListener {

    /** Rows were inserted; their transaction is not decided yet. On the committing thread. */
    default void stored(OutboxEntry entry) {}

    /** The broker has confirmed the message. */
    default void sent(OutboxEntry entry) {}

    /** The row is removed. */
    default void completed(OutboxEntry entry) {}

    /**
     * Sending failed and is tried again.
     *
     * @param attempts failed attempts so far, including this one if it counts
     * @param delay when it is tried again; zero while the circuit is open: then with the others
     */
    default void retried(OutboxEntry entry, int attempts, Duration delay, String reason) {}

    /** The entry was given up and waits for a person. */
    default void parked(OutboxEntry entry, int attempts, String reason) {}

    /**
     * What another node kept is kept by this one now.
     *
     * @param fromNode the dead node, or the owner that nobody kept
     */
    default void takenOver(String fromNode) {}

    /** This node was found dead by others and goes on under a new identity. */
    default void fenced(String oldNode, String newNode) {}

    /** Sends fail one after the other: sending pauses, except for probes. */
    default void circuitOpened(String reason) {}

    /** The broker takes messages again. */
    default void circuitClosed() {}
}
