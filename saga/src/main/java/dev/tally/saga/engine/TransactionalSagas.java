package dev.tally.saga.engine;

import dev.tally.message.MessageTypes;
import dev.tally.saga.SagaStart;
import dev.tally.saga.Sagas;
import dev.tally.saga.store.Body;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.StoredSaga;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sagas that belong to the caller's transaction. Thread-safe.
 *
 * @since 0.1
 */
public final class TransactionalSagas implements Sagas {

    private final EngineParts parts;
    private final Runnable nudge;
    private final TransactionTemplate joined;
    private volatile boolean draining;

    /**
     * Creates it.
     *
     * @param nudge called after a transaction that has given a saga something to do: the waker should look soon
     */
    public TransactionalSagas(EngineParts parts, Runnable nudge) {
        this.parts = parts;
        this.nudge = nudge;
        this.joined = new TransactionTemplate(parts.transactions());
    }

    /** Whether no sagas are started any more, while those that run go on. */
    public boolean isDraining() {
        return draining;
    }

    /** Stops, or allows, the starting of sagas by this process. */
    public void drain(boolean on) {
        draining = on;
    }

    @Override
    public SagaStart start(String saga, String businessKey, Object data) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException("Cannot start saga '" + saga + "' for '" + businessKey
                    + "': there is no transaction that it could belong to; call it in one. Nothing was done");
        }
        if (draining) {
            throw new SagasDrainingException("Cannot start saga '" + saga + "' for '" + businessKey
                    + "': this process starts no sagas any more; those that run go on. Nothing was done");
        }
        SagaWork work = new SagaWork(parts, new KnownFailures());
        try {
            SagaStart started = work.start(saga, parts.ids().get(), businessKey, data, null);
            work.keepAll();
            return started;
        } catch (LocalFailure | DefinitionFailure e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public boolean signal(String saga, String businessKey, String signal, Object payload) {
        Body body =
                new Body(MessageTypes.nameOf(payload.getClass()), parts.codec().encode(payload));
        Boolean kept = joined.execute(status -> {
            StoredSaga found = parts.store().find(saga, businessKey).orElse(null);
            if (found == null || found.state().isEnd()) {
                return false;
            }
            Instant now = parts.clock().instant().truncatedTo(ChronoUnit.MILLIS);
            parts.store()
                    .putMail(List.of(new Mail(
                            parts.ids().get(), found.id(), Mail.Kind.SIGNAL, signal, Map.of(), body, null, now)));
            parts.store().wake(found.id(), RunState.atOnce(now));
            nudgeAfterCommit();
            return true;
        });
        return Boolean.TRUE.equals(kept);
    }

    @Override
    public @Nullable String cancel(String saga, String businessKey, String reason) {
        Optional<String> refused = joined.execute(status -> {
            StoredSaga found = parts.store().find(saga, businessKey).orElse(null);
            if (found == null) {
                return Optional.of("there is no saga '" + saga + "' for '" + businessKey + "'");
            }
            SagaWork work = new SagaWork(parts, new KnownFailures());
            StoredSaga locked = parts.store().lock(List.of(found.id())).get(0);
            SagaRun<?> run = work.open(locked);
            String refusal = run.byHand().refusalToTurnBack();
            if (refusal == null) {
                // Its compensations are no part of the caller's transaction.
                work.apply(run, () -> run.cancelSoon(reason));
                work.keepAll();
                nudgeAfterCommit();
            }
            return Optional.ofNullable(refusal);
        });
        return refused == null ? null : refused.orElse(null);
    }

    @Override
    public @Nullable SagaStart find(String saga, String businessKey) {
        return parts.store()
                .find(saga, businessKey)
                .map(found -> new SagaStart(found.id(), found.state(), false))
                .orElse(null);
    }

    private void nudgeAfterCommit() {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    nudge.run();
                }
            });
        }
    }
}
