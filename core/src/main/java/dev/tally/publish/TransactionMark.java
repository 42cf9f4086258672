package dev.tally.publish;

import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Lies in a transaction from its begin on. Confined to the transaction's thread. */
final class TransactionMark implements TransactionSynchronization {

    /** The last of all synchronizations; the same one for all transactions. */
    private static final TransactionSynchronization LAST = new TransactionSynchronization() {
        @Override
        public void afterCompletion(int status) {
            if (TransactionSynchronizationManager.unbindResourceIfPossible(LAST_ENDED) instanceof TransactionMark mark
                    && mark.outer != null) {
                TransactionSynchronizationManager.bindResource(LAST_ENDED, mark.outer);
            }
        }
    };

    private static final Object LAST_ENDED = LAST;

    private final TransactionMarks marks;
    private TransactionPhase phase = TransactionPhase.RUNNING;
    private boolean lastIsThere;
    private @Nullable Object connection;
    private @Nullable TransactionMark outer;

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

    /**
     * Whether the connection that is bound for {@code resource} is that of a transaction that has ended, while its
     * {@code afterCompletion} runs. Spring lets a method take part in it, with synchronizations of its own.
     */
    static boolean isOver(Object resource) {
        Object bound = TransactionSynchronizationManager.getResource(resource);
        TransactionMark ended = (TransactionMark) TransactionSynchronizationManager.getResource(LAST_ENDED);
        while (ended != null && (ended.connection == null || ended.connection != bound)) {
            ended = ended.outer;
        }
        return ended != null;
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

    /** Whether somebody's {@code beforeCommit} runs. */
    boolean isBeforeCommit() {
        return phase == TransactionPhase.COMMITTING && !lastIsThere;
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
    public void beforeCompletion() {
        TransactionSynchronizationManager.registerSynchronization(LAST);
        lastIsThere = true;
    }

    @Override
    public void afterCommit() {
        phase = TransactionPhase.OVER;
    }

    @Override
    public void afterCompletion(int status) {
        phase = TransactionPhase.OVER;
        Object resource = marks.resource();
        connection = resource == null ? null : TransactionSynchronizationManager.getResource(resource);
        if (lastIsThere) {
            outer = (TransactionMark) TransactionSynchronizationManager.unbindResourceIfPossible(LAST_ENDED);
            TransactionSynchronizationManager.bindResource(LAST_ENDED, this);
        }
    }

    @Override
    public String toString() {
        return marks.toString();
    }
}
