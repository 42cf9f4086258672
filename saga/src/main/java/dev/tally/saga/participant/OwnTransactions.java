package dev.tally.saga.participant;

import dev.tally.consume.Failures;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Transactions of a participant's own; failures are answered, not thrown. Thread-safe. */
final class OwnTransactions {

    private static final Logger log = LoggerFactory.getLogger(ParticipantHandler.class);

    /** How often work is begun anew that the database gave up for another transaction's sake. */
    private static final int ATTEMPTS = 5;

    private final TransactionTemplate own;
    private final TransactionTemplate none;

    OwnTransactions(PlatformTransactionManager transactions) {
        // A transport may deliver on a thread that is in a transaction; that one is none of the methods' business.
        this.own = new TransactionTemplate(transactions);
        own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.none = new TransactionTemplate(transactions);
        none.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
    }

    /** Commits what stands. */
    StepOutcome in(Supplier<StepOutcome> work) {
        try {
            return Objects.requireNonNull(own.execute(status -> {
                StepOutcome outcome = work.get();
                if (!outcome.stands()) {
                    status.setRollbackOnly();
                }
                return outcome;
            }));
        } catch (RuntimeException e) {
            // Of the transaction, or of what has its say before the commit, such as the outbox. Also where the outcome
            // of
            // the commit is unknown: the barrier tells at the next attempt.
            return new StepOutcome.Failed(e);
        }
    }

    /** The same, begun anew a few times where it ran into another transaction. */
    StepOutcome persistently(Supplier<StepOutcome> work) {
        StepOutcome outcome = in(work);
        for (int tries = 1; tries < ATTEMPTS && isConflict(outcome); tries++) {
            log.debug("gave way to another transaction tries={}", tries, ((StepOutcome.Failed) outcome).failure());
            outcome = in(work);
        }
        return outcome;
    }

    private static boolean isConflict(StepOutcome outcome) {
        return outcome instanceof StepOutcome.Failed failed && Failures.isConflict(failed.failure());
    }

    /** Runs {@code work} outside of any transaction. */
    <T> T outside(Supplier<T> work) {
        return Objects.requireNonNull(none.execute(status -> work.get()));
    }
}
