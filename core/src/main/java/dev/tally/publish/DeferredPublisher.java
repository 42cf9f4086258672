package dev.tally.publish;

import java.util.List;
import java.util.function.Supplier;

/**
 * Publishes what is known only at the end of a transaction, as what an object-relational mapper finds when it flushes.
 * Tally's publishers implement it. Thread-safe.
 *
 * @since 0.1
 */
public interface DeferredPublisher {

    /**
     * Has the current transaction ask {@code source} for messages right before its commit, when pending changes have been
     * flushed, and publish them after all that were published before.
     *
     * <p>Unlike a message, this can be asked for until the commit itself: a mapper may flush last of all. What comes up
     * then is published by {@link DeferredMessages#handOver()}.
     *
     * @param topic a topic, for errors
     * @param source gives what is to publish, each message once; it leaves out what a savepoint rolled back
     * @throws org.springframework.transaction.IllegalTransactionStateException outside a transaction, in a read-only one,
     *     in one on another data source, or after its commit
     * @throws CommitRefusedException in place of that in a {@code beforeCommit}, so that the transaction rolls back
     */
    DeferredMessages defer(String topic, Supplier<List<OutgoingMessage>> source);
}
