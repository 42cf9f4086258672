package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepKind;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.Guard;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.store.StepProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The way forward: what can begin begins. */
final class Forward<D> {

    private final RunState<D> run;

    Forward(RunState<D> run) {
        this.run = run;
    }

    /** Whether something moved, so that more may be possible. */
    boolean advance() {
        boolean moved = false;
        for (SagaStep<D> step : run.definition.steps()) {
            if (run.stateOf(step.name()) == StepState.PENDING && isReady(step)) {
                decide(step);
                moved = true;
            }
        }
        if (run.definition.steps().stream()
                .allMatch(step -> run.stateOf(step.name()).isPassed())) {
            run.end(SagaState.COMPLETED, null);
            return false;
        }
        return moved;
    }

    private boolean isReady(SagaStep<D> step) {
        return step.after().stream().allMatch(before -> run.stateOf(before).isPassed());
    }

    private void decide(SagaStep<D> step) {
        Guard other = otherWay(step);
        if (other != null) {
            run.move(step.name(), StepEvent.SKIP, "'" + other.choice() + "' did not choose '" + other.label() + "'");
        } else if (step.condition() != null && !step.condition().test(run.data())) {
            run.move(step.name(), StepEvent.SKIP, "its condition does not hold");
        } else if (step.action() instanceof StepAction.Choose<D> choice) {
            choose(step, choice);
        } else {
            begin(step);
        }
    }

    private @Nullable Guard otherWay(SagaStep<D> step) {
        return step.guards().stream()
                .filter(guard ->
                        !guard.label().equals(run.progress(guard.choice()).label()))
                .findFirst()
                .orElse(null);
    }

    private void choose(SagaStep<D> step, StepAction.Choose<D> choice) {
        String label = choice.branches().stream()
                .filter(branch -> branch.condition().test(run.data()))
                .map(StepAction.Branch::label)
                .findFirst()
                .orElse(null);
        run.move(step.name(), StepEvent.DONE, label == null ? "no way was chosen" : "chose '" + label + "'");
        run.progress(step.name(), run.progress(step.name()).choosing(label));
    }

    /** Begins an attempt. */
    void begin(SagaStep<D> step) {
        String name = step.name();
        run.progress(name, run.progress(name).nextAttempt());
        run.move(name, StepEvent.START, null);
        Duration timeout = step.timeout();
        Instant due = timeout == null ? null : run.now.plus(timeout);
        StepProgress progress = run.progress(name).until(due);
        int attempt = progress.attempt();
        if (step.action() instanceof StepAction.Local<D> local) {
            run.effects.add(new Effect.RunLocal<>(name, false, attempt, local.work()));
            return;
        }
        run.progress(name, progress);
        if (step.action() instanceof StepAction.Command<D> command) {
            run.effects.add(new Effect.SendCommand(
                    name,
                    false,
                    attempt,
                    command.participant(),
                    made(step, command.command().apply(run.data())),
                    due));
        } else if (step.action() instanceof StepAction.SubSaga<D> saga) {
            run.effects.add(subSaga(step, saga, false, attempt));
        } else {
            lookAgain(step);
        }
    }

    /** What a step waits for in this database may be there. */
    void lookAgain(SagaStep<D> step) {
        if (step.action() instanceof StepAction.Await<D> await) {
            run.effects.add(new Effect.TakeSignal(step.name(), await.signal()));
        } else if (step.action() instanceof StepAction.Lock<D> lock) {
            run.effects.add(new Effect.AcquireLock(
                    step.name(), lock.resource().apply(run.data()), lock.policy(), lock.lease()));
        }
    }

    /**
     * The saga that runs for a step takes too long. What becomes of it is known here as soon as it has ended, so nothing is
     * given up: it is asked to go its way back, and its end is waited for. What comes behind the pivot is just waited for.
     */
    void askBack(SagaStep<D> step) {
        String name = step.name();
        StepProgress progress = run.progress(name).until(null);
        if (step.kind() == StepKind.RETRIABLE) {
            run.progress(name, progress);
            return;
        }
        if (!run.isBackward()) {
            String reason = "no answer within " + step.timeout() + "; its saga is asked to go its way back";
            run.note("timeout", name, reason);
            progress = progress.because(reason);
        }
        run.progress(name, progress);
        run.effects.add(new Effect.CancelSaga(name, progress.attempt()));
    }

    Effect subSaga(SagaStep<D> step, StepAction.SubSaga<D> saga, boolean undo, int attempt) {
        return new Effect.StartSaga(
                step.name(),
                undo,
                attempt,
                saga.saga(),
                saga.key().apply(run.data()),
                made(step, saga.start().apply(run.data())));
    }

    static Object made(SagaStep<?> step, @Nullable Object made) {
        return Objects.requireNonNull(
                made, () -> "step '" + step.name() + "': its definition made null of the saga's data");
    }
}
