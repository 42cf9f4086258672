package dev.tally.saga.engine;

import dev.tally.saga.store.Mail;
import dev.tally.saga.store.StaleSagaException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Does work for sagas in transactions of its own.
 *
 * <ol>
 *   <li>Local work that fails rolls the transaction back; then all is done anew, and that attempt counts as failed.
 *   <li>A saga whose definition fails is parked, and the work is done without it.
 *   <li>A conflict with another transaction is tried again.
 * </ol>
 *
 * <p>Thread-safe.
 */
final class WorkRunner {

    /** More local steps than that do not fail in one go. */
    private static final int MOST_FAILURES = 1000;

    private static final int CONFLICTS = 5;
    private static final Logger log = LoggerFactory.getLogger(WorkRunner.class);

    private final EngineParts parts;
    private final TransactionTemplate transaction;

    WorkRunner(EngineParts parts) {
        this.parts = parts;
        this.transaction = new TransactionTemplate(parts.transactions());
        this.transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /** Does {@code work} in one transaction, or throws what is wrong. */
    void once(Consumer<SagaWork> work) {
        once(work, new KnownFailures());
    }

    private void once(Consumer<SagaWork> work, KnownFailures failures) {
        transaction.executeWithoutResult(status -> {
            SagaWork sagas = new SagaWork(parts, failures);
            work.accept(sagas);
            sagas.keepAll();
        });
    }

    /**
     * Does {@code work}, as often as it takes.
     *
     * @param held what has arrived for the saga, and waits if it is parked; {@code null} for nothing
     */
    void persistently(Consumer<SagaWork> work, @Nullable Mail held) {
        KnownFailures failures = new KnownFailures();
        int conflicts = 0;
        for (int i = 0; i < MOST_FAILURES; i++) {
            try {
                once(work, failures);
                return;
            } catch (LocalFailure e) {
                log.debug("a local step failed {}", e.attempt(), e);
                failures.add(e);
            } catch (DefinitionFailure e) {
                log.error(
                        "saga is parked sagaId={} reason={}",
                        e.sagaId(),
                        e.parking().reason(),
                        e);
                boolean isAnothers = held != null && !held.sagaId().equals(e.sagaId());
                park(e, isAnothers ? null : held);
                if (!isAnothers) {
                    return;
                }
                // What has arrived was not for that one; now it is taken without it.
            } catch (ConcurrencyFailureException | StaleSagaException e) {
                conflicts++;
                if (conflicts == CONFLICTS) {
                    throw e;
                }
            }
        }
        throw new IllegalStateException("Cannot go on with a saga: " + MOST_FAILURES
                + " attempts of local steps failed in one transaction; nothing was changed");
    }

    private void park(DefinitionFailure failure, @Nullable Mail held) {
        transaction.executeWithoutResult(status -> {
            parts.store().lock(List.of(failure.sagaId())).stream()
                    .filter(saga -> !saga.state().isEnd())
                    .forEach(saga -> new SagaWork(parts, new KnownFailures()).park(saga, failure.parking()));
            if (held != null) {
                parts.store().putMail(List.of(held));
            }
        });
    }
}
