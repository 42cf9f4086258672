package dev.tally.publish;

import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.stream.Stream;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionSynchronizationUtils;

/**
 * Where a transaction is at its first publish. Its {@link TransactionMark} knows; without one, the stack is looked at.
 *
 * <p>Spring calls only those synchronizations before the commit that were registered before it began to. A first message
 * from within somebody's {@code beforeCommit} would therefore wait for a call that never comes, and one from within
 * {@code afterCommit} still finds the transaction "active". Spring does not tell, but the stack does. It is looked at
 * only if there are other synchronizations, since somebody must be running for this to happen.
 */
enum TransactionPhase {
    /** The commit has not begun; the buffer will be called. */
    RUNNING,
    /** A {@code beforeCommit} or {@code beforeCompletion} is running: the message must be written at once. */
    COMMITTING,
    /** An {@code afterCommit} is running: nothing that is written now would be committed. */
    OVER;

    private static final String TRIGGERS = TransactionSynchronizationUtils.class.getName();

    /** Whether the current transaction is in somebody's {@code beforeCommit}, where what is thrown decides about it. */
    static boolean isBeforeCommit() {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            return false;
        }
        TransactionMark mark = TransactionMark.innermost();
        return mark == null ? ofFirstPublish() == COMMITTING : mark.isBeforeCommit();
    }

    static TransactionPhase ofFirstPublish() {
        if (TransactionSynchronizationManager.getSynchronizations().isEmpty()) {
            return RUNNING;
        }
        return StackWalker.getInstance().walk(TransactionPhase::read);
    }

    private static TransactionPhase read(Stream<StackFrame> frames) {
        boolean mayHaveBegunAnother = false;
        for (Iterator<StackFrame> i = frames.iterator(); i.hasNext(); ) {
            StackFrame frame = i.next();
            String method = frame.getMethodName();
            if (frame.getClassName().equals(TRIGGERS)) {
                switch (method) {
                    case "triggerBeforeCommit", "triggerBeforeCompletion" -> {
                        // Right for this transaction, harmless for one that was begun in there.
                        return COMMITTING;
                    }
                    case "triggerAfterCommit", "invokeAfterCommit", "invokeAfterCompletion" -> {
                        return mayHaveBegunAnother ? RUNNING : OVER;
                    }
                    default -> {
                        // another of its methods
                    }
                }
            }
            mayHaveBegunAnother |= beginsTransactions(frame.getClassName(), method);
        }
        return RUNNING;
    }

    private static boolean beginsTransactions(String className, String method) {
        return method.equals("invokeWithinTransaction")
                || (method.equals("execute") && className.startsWith("org.springframework.transaction."));
    }
}
