package dev.tally.publish;

/**
 * The place in one transaction for messages that are known only at its end. Confined to the transaction's thread.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface DeferredMessages {

    /**
     * Asks the source and hands its messages over at once, together. Only for who is called from within the commit: what
     * it throws must make the commit fail.
     *
     * @throws org.springframework.transaction.IllegalTransactionStateException if the transaction has ended
     */
    void handOver();
}
