package dev.tally.publish;

import dev.tally.message.TallyException;
import org.springframework.transaction.TransactionException;

/**
 * A transaction must not commit, because something that belongs to it could not be published; it rolls back.
 *
 * <p>Not one of Spring's transaction exceptions, on purpose: its transaction managers take those, where they come up
 * before the commit, for their own, and do not roll back.
 *
 * @since 0.1
 */
public class CommitRefusedException extends TallyException {

    CommitRefusedException(String message, Throwable cause) {
        super("TALLY-COMMIT-REFUSED", message, cause);
    }

    /** What to throw for a refusal: itself, but where that would end the commit without a rollback. */
    static RuntimeException insteadOf(TransactionException refusal) {
        return TransactionPhase.isBeforeCommit()
                ? new CommitRefusedException(refusal.getMessage() + "; the transaction rolls back", refusal)
                : refusal;
    }
}
