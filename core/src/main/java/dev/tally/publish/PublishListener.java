package dev.tally.publish;

import dev.tally.message.Message;

/**
 * Observes publishing, for metrics. Called on the publishing thread; an exception is logged and goes no further. Calls
 * get lost when the process dies.
 *
 * @since 0.1
 */
public interface PublishListener {

    /** {@code message} was published in a transaction that has not ended yet. */
    default void published(Message message, Via via) {}

    /** A transaction with {@code count} messages committed. */
    default void committed(int count) {}

    /** A transaction with {@code count} messages rolled back; they are gone. */
    default void rolledBack(int count) {}

    /** Nobody knows how a transaction with {@code count} messages ended; the database decides about them. */
    default void unknown(int count) {}
}
