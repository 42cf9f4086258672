package dev.tally.publish;

import java.util.HashSet;
import java.util.Set;
import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Refuses the commit of a transaction in which an event could not be published, until what failed is rolled back to a
 * savepoint. Confined to the transaction's thread.
 */
final class FailedEvent implements TransactionSynchronization {

    private final Class<?> eventClass;
    private final RuntimeException failure;
    private final Set<Object> laterSavepoints = new HashSet<>();
    private boolean rolledBack;

    private FailedEvent(Class<?> eventClass, RuntimeException failure) {
        this.eventClass = eventClass;
        this.failure = failure;
    }

    /** Does nothing where there is no transaction. */
    static void refuseCommit(Class<?> eventClass, RuntimeException failure) {
        if (TransactionSynchronizationManager.isActualTransactionActive()
                && TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new FailedEvent(eventClass, failure));
        }
    }

    /** First of all: no other needs to begin with what cannot be. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void savepoint(Object savepoint) {
        laterSavepoints.add(savepoint);
    }

    @Override
    public void savepointRollback(Object savepoint) {
        rolledBack |= !laterSavepoints.contains(savepoint);
    }

    @Override
    public void beforeCommit(boolean readOnly) {
        if (!rolledBack) {
            throw new CommitRefusedException(
                    "Cannot commit " + TransactionalMessagePublisher.transaction() + ": an event of "
                            + eventClass.getName() + " could not be published in it (" + failure.getMessage()
                            + "), and the exception was swallowed, for instance by an event multicaster's error"
                            + " handler; the transaction rolls back",
                    failure);
        }
    }
}
