package dev.tally.transport.rocketmq.crash;

import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Runs after the half messages of a transaction are stored: it is registered behind them, with the same order. */
record LastBeforeCommit(Runnable task) implements TransactionSynchronization {

    static void register(Runnable task) {
        TransactionSynchronizationManager.registerSynchronization(new LastBeforeCommit(task));
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void beforeCommit(boolean readOnly) {
        task.run();
    }
}
