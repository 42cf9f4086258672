package dev.tally.publish;

import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Lies in a transaction from its begin on. Confined to the transaction's thread. */
final class TransactionMark implements TransactionSynchronization {

    private final TransactionMarks marks;
    private TransactionPhase phase = TransactionPhase.RUNNING;

    TransactionMark(TransactionMarks marks) {
        this.marks = marks;
    }

    /** The mark of the transaction that began last and has not ended, {@code null} if it has none. */
    static @Nullable TransactionMark innermost() {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            for (TransactionSynchronization each : TransactionSynchronizationManager.getSynchronizations()) {
                if (each instanceof TransactionMark mark) {
                    return mark;
                }
            }
        }
        return null;
    }

    /** What the transaction is on, {@code null} if that is not known. */
    @Nullable Object resource() {
        return marks.resource();
    }

    boolean mayBeOn(Object resource) {
        return marks.resource() == null || marks.resource() == resource;
    }

    boolean mayBeOf(TransactionManager manager) {
        return marks.mayBeOf(manager);
    }

    TransactionPhase phase() {
        return phase;
    }

    /** First of all, so that the others find the phase that they are called in. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void beforeCommit(boolean readOnly) {
        phase = TransactionPhase.COMMITTING;
    }

    @Override
    public void afterCommit() {
        phase = TransactionPhase.OVER;
    }

    @Override
    public void afterCompletion(int status) {
        phase = TransactionPhase.OVER;
    }

    @Override
    public String toString() {
        return marks.toString();
    }
}
