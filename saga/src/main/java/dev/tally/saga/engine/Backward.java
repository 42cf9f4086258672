package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepKind;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.definition.StuckUndo;
import dev.tally.saga.store.StepProgress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The way back: what took effect, or may have, is undone, each step after all those behind it. */
final class Backward<D> {

    private final RunState<D> run;
    private final Forward<D> forward;

    Backward(RunState<D> run, Forward<D> forward) {
        this.run = run;
        this.forward = forward;
    }

    /**
     * Turns back. Nothing new begins; what waits for its next attempt, or for something outside, is given up.
     *
     * @param impatient whether answers that are under way are not waited for
     */
    void turn(String reason, boolean impatient) {
        run.turnBack(reason);
        for (SagaStep<D> step : run.steps(StepState.ACTIVE, StepState.RETRYING).toList()) {
            giveUp(step, impatient);
        }
    }

    private void giveUp(SagaStep<D> step, boolean impatient) {
        boolean waits = run.stateOf(step.name()) == StepState.ACTIVE;
        StepAction<D> action = step.action();
        if (action instanceof StepAction.Local) {
            if (!waits) {
                run.move(step.name(), StepEvent.REFUSE, "given up; its attempts were taken back");
            }
        } else if (waits && action instanceof StepAction.SubSaga) {
            run.effects.add(
                    new Effect.CancelSaga(step.name(), run.progress(step.name()).attempt()));
        } else if (!waits || impatient || !(action instanceof StepAction.Command)) {
            run.move(step.name(), StepEvent.GIVE_UP, "given up without an answer");
        }
    }

    /** Whether something moved, so that more may be possible. */
    boolean advance() {
        boolean moved = false;
        if (run.definition.stuckUndo() == StuckUndo.CONTINUE
                || run.steps(StepState.UNDO_STUCK).findAny().isEmpty()) {
            List<SagaStep<D>> reversed =
                    new ArrayList<>(run.steps(StepState.DONE, StepState.UNKNOWN).toList());
            Collections.reverse(reversed);
            for (SagaStep<D> step : reversed) {
                if (run.graph.behind(step.name()).stream().allMatch(this::isAtRest)) {
                    undo(step);
                    moved = true;
                }
            }
        }
        if (run.definition.steps().stream().allMatch(step -> isAtRest(step.name()))) {
            run.end(SagaState.COMPENSATED, null);
            return false;
        }
        return moved;
    }

    private boolean isAtRest(String step) {
        return switch (run.stateOf(step)) {
            case PENDING, SKIPPED, REFUSED, UNDONE -> true;
            default -> false;
        };
    }

    private void undo(SagaStep<D> step) {
        if (step.kind() == StepKind.CHOICE || step.undo() instanceof StepAction.Nothing) {
            run.move(step.name(), StepEvent.UNDONE, null);
            return;
        }
        run.progress(step.name(), run.progress(step.name()).withBudgetFrom(0));
        begin(step);
    }

    /** Begins an attempt of a compensation. */
    void begin(SagaStep<D> step) {
        String name = step.name();
        run.progress(name, run.progress(name).nextUndoAttempt());
        run.move(name, StepEvent.UNDO, null);
        StepProgress progress = run.progress(name);
        int attempt = progress.undoAttempt();
        if (step.undo() instanceof StepAction.Local<D> local) {
            run.effects.add(new Effect.RunLocal<>(name, true, attempt, local.work()));
        } else if (step.undo() instanceof StepAction.Command<D> command) {
            Instant due = run.now.plus(step.undoTimeout());
            run.progress(name, progress.until(due));
            run.effects.add(new Effect.SendCommand(
                    name,
                    true,
                    attempt,
                    command.participant(),
                    Forward.made(step, command.command().apply(run.data())),
                    due,
                    isElsewhere(step, command)));
        } else if (step.undo() instanceof StepAction.SubSaga<D> saga) {
            run.effects.add(forward.subSaga(step, saga, true, attempt));
        }
    }

    /** Whether the step itself was done by somebody else than who undoes it. */
    private static boolean isElsewhere(SagaStep<?> step, StepAction.Command<?> undo) {
        return !(step.action() instanceof StepAction.Command<?> action
                && action.participant().equals(undo.participant()));
    }
}
