package dev.tally.saga.engine;

import dev.tally.message.MessageIds;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.ParentStep;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.StoredSaga;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sagas that run for steps of other sagas. Their ends come as replies, like those of participants. For one thread. */
final class SubSagas {

    private static final int MAX_KEY = 255;
    private static final Duration UNTIL_CANCELLED_AGAIN = Duration.ofMinutes(1);

    private final EngineParts parts;
    private final SagaWork work;

    SubSagas(EngineParts parts, SagaWork work) {
        this.parts = parts;
        this.work = work;
    }

    /** Starts the saga of a step. */
    void start(SagaRun<?> run, Effect.StartSaga effect) {
        StoredSaga saga = run.before();
        String id = subSagaId(saga.id(), effect.step(), effect.undo(), effect.attempt());
        ParentStep parent = new ParentStep(saga.id(), effect.step(), effect.attempt(), effect.undo());
        SagaStart started;
        try {
            started = start(effect, id, parent);
        } catch (IllegalArgumentException | DefinitionFailure e) {
            // There is nothing of it yet that could be parked.
            throw new DefinitionFailure(
                    saga.id(),
                    new Parking(
                            Parking.Kind.ERROR,
                            "saga '" + effect.saga() + "' of step '" + effect.step() + "' cannot begin: "
                                    + Opening.message(e)),
                    e instanceof DefinitionFailure && e.getCause() != null ? e.getCause() : e);
        }
        if (!started.isNew() && !started.id().equals(id) && !isOfSameStep(started, parent)) {
            String why = "saga '" + effect.saga() + "' for '" + effect.businessKey()
                    + "' was started by somebody else: " + started.id();
            SagaWork.pure(
                    run,
                    () -> run.answer(new Answer(
                            effect.step(), effect.undo(), effect.attempt(), ReplyOutcome.REFUSED, null, why)));
        }
    }

    private SagaStart start(Effect.StartSaga effect, String id, ParentStep parent) {
        SagaStart started = work.start(effect.saga(), id, effect.businessKey(), effect.data(), parent);
        boolean isOver = !started.isNew()
                && !started.id().equals(id)
                && started.state() == SagaState.COMPENSATED
                && isOfSameStep(started, parent);
        if (!isOver) {
            return started;
        }
        // An attempt before this one came to nothing, and has the key for ever.
        String nextKey = effect.businessKey() + '#' + effect.attempt();
        return work.start(
                effect.saga(),
                id,
                nextKey.length() <= MAX_KEY ? nextKey : MessageIds.digest(nextKey),
                effect.data(),
                parent);
    }

    /** Whether a saga runs for another attempt of this step: its answer is taken as well. */
    private boolean isOfSameStep(SagaStart started, ParentStep parent) {
        return parts.store()
                .find(started.id())
                .map(StoredSaga::parent)
                .filter(other -> other.sagaId().equals(parent.sagaId())
                        && other.step().equals(parent.step())
                        && other.undo() == parent.undo())
                .isPresent();
    }

    /** The same for each try, so that a step's saga is found again. */
    static String subSagaId(String parentId, String step, boolean undo, int attempt) {
        return MessageIds.digest(parentId + '\n' + step + '\n' + undo + '\n' + attempt);
    }

    /** Asks the saga of a step to go its way back. */
    void cancel(SagaRun<?> run, Effect.CancelSaga effect) {
        String id = subSagaId(run.before().id(), effect.step(), false, effect.attempt());
        StoredSaga saga = parts.store().lock(List.of(id)).stream()
                .filter(each -> !each.state().isEnd())
                .findFirst()
                .orElse(null);
        if (saga == null) {
            return;
        }
        SagaRun<?> sub = work.canOpen(saga) ? openOrPark(saga) : null;
        if (sub == null) {
            // Somebody else may know its definition, or a person see to it.
            run.lookAgainBy(effect.step(), work.now().plus(UNTIL_CANCELLED_AGAIN));
        } else if (sub.byHand().refusalToTurnBack() == null) {
            // Its compensations are no part of this saga's transaction.
            work.apply(sub, () -> sub.cancelSoon("saga " + run.before().title() + " goes its way back"));
        }
    }

    /** A saga beside the one that the work is for, ready to go on; {@code null} if it cannot, and is parked. */
    private @Nullable SagaRun<?> openOrPark(StoredSaga saga) {
        try {
            return work.open(saga);
        } catch (DefinitionFailure e) {
            if (saga.state() != SagaState.PARKED) {
                work.park(saga, e.parking());
            }
            return null;
        }
    }
}
