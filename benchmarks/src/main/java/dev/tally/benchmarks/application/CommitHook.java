package dev.tally.benchmarks.application;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What is done right after an order's commit, by its thread, before anybody is told. Nothing unless it is set. */
class CommitHook {

    private volatile @Nullable LongConsumer action;

    void set(LongConsumer afterCommit) {
        action = afterCommit;
    }

    void clear() {
        action = null;
    }

    /** To be called within the order's transaction. */
    void register(long orderId) {
        LongConsumer current = action;
        if (current != null) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    current.accept(orderId);
                }
            });
        }
    }
}
