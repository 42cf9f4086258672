package dev.tally.request;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The transaction of one keyed request, apart from any that is there. For one thread and one use. */
final class RequestTransaction {

    private final PlatformTransactionManager transactions;
    private @Nullable TransactionStatus running;
    private boolean committed;

    RequestTransaction(PlatformTransactionManager transactions) {
        this.transactions = transactions;
    }

    void begin(String name) {
        DefaultTransactionDefinition definition =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        definition.setName(name);
        running = transactions.getTransaction(definition);
    }

    /** Whether it began, and was neither committed nor taken back; also if a commit of it failed. */
    boolean isRunning() {
        return running != null;
    }

    boolean isRollbackOnly() {
        return status().isRollbackOnly();
    }

    /** Whether everything stands, also if {@link #commit} failed: what others throw after a commit comes from it as well. */
    boolean isCommitted() {
        return committed;
    }

    void commit() {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCompletion(int status) {
                    committed = status == STATUS_COMMITTED;
                }
            });
        }
        try {
            transactions.commit(status());
            committed = true;
        } finally {
            if (committed) {
                running = null;
            }
        }
    }

    /**
     * Does nothing where there is nothing to take back.
     *
     * @param because is told if that fails; {@code null} where nothing has failed before
     */
    void takeBack(@Nullable Throwable because) {
        TransactionStatus ending = running;
        running = null;
        if (ending == null || ending.isCompleted()) {
            return;
        }
        try {
            transactions.rollback(ending);
        } catch (TransactionException e) {
            if (because == null) {
                throw e;
            }
            because.addSuppressed(e);
        }
    }

    private TransactionStatus status() {
        return Objects.requireNonNull(running, "it began");
    }
}
