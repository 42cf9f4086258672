package dev.tally.saga.engine;

import dev.tally.saga.StepKind;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.Merge;
import dev.tally.saga.definition.RetryPolicy;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.StepProgress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What answers and time-outs make of steps. An answer that something happened, or never will, is taken from every attempt:
 * the participant's barrier has one answer for all of them. That an attempt failed is taken from the last one alone.
 */
final class Answers<D> {

    private static final Set<StepState> OPEN = EnumSet.of(StepState.ACTIVE, StepState.RETRYING, StepState.STUCK);
    private static final Set<StepState> UNDO_OPEN =
            EnumSet.of(StepState.UNDOING, StepState.UNDO_RETRYING, StepState.UNDO_STUCK);

    private final RunState<D> run;
    private final Backward<D> backward;

    Answers(RunState<D> run, Backward<D> backward) {
        this.run = run;
        this.backward = backward;
    }

    /** What would become of the content of an answer; {@code null} if nobody looks at it. */
    @Nullable Merge<D, ?> merge(SagaStep<D> step, boolean undo, ReplyOutcome outcome) {
        if (undo) {
            return null;
        }
        if (outcome == ReplyOutcome.REFUSED) {
            return step.refused();
        }
        if (outcome != ReplyOutcome.DONE) {
            return null;
        }
        StepAction<D> action = step.action();
        if (action instanceof StepAction.Command<D> command) {
            return command.done();
        }
        if (action instanceof StepAction.Await<D> await) {
            return await.done();
        }
        return action instanceof StepAction.SubSaga<D> saga ? saga.done() : null;
    }

    /** Why an answer changes nothing; {@code null} if it is to be taken. Changes nothing itself. */
    @Nullable String refusal(Answer answer) {
        if (run.state().isEnd()) {
            return "the saga has ended: it is " + run.state();
        }
        if (!run.definition.stepNames().contains(answer.step())) {
            return "the saga has no step '" + answer.step() + "'";
        }
        SagaStep<D> step = run.definition.step(answer.step());
        StepProgress progress = run.progress(answer.step());
        int last = answer.undo() ? progress.undoAttempt() : progress.attempt();
        if (answer.attempt() > last) {
            return "it answers attempt " + answer.attempt() + ", and there were " + last;
        }
        boolean isLast = answer.attempt() == last;
        boolean taken = answer.undo()
                ? isUndoTaken(progress.state(), answer.outcome(), isLast)
                : isTaken(step, progress.state(), answer.outcome(), isLast);
        return taken
                ? null
                : "it says '" + answer.outcome().word() + "' of attempt " + answer.attempt() + " of " + last
                        + ", and the step is " + progress.state();
    }

    private boolean isTaken(SagaStep<D> step, StepState at, ReplyOutcome outcome, boolean isLast) {
        return switch (outcome) {
            case DONE ->
                OPEN.contains(at)
                        || at == StepState.UNKNOWN
                        // It was not refused after all: it has to be undone.
                        || (at == StepState.REFUSED && step.kind() == StepKind.COMPENSATABLE && run.isBackward());
            case REFUSED ->
                step.kind() == StepKind.RETRIABLE
                        ? at == StepState.ACTIVE && isLast
                        : OPEN.contains(at) || at == StepState.UNKNOWN;
            case FAILED, EXPIRED, FORGOTTEN, FENCED -> at == StepState.ACTIVE && isLast;
        };
    }

    private static boolean isUndoTaken(StepState at, ReplyOutcome outcome, boolean isLast) {
        return outcome == ReplyOutcome.DONE ? UNDO_OPEN.contains(at) : at == StepState.UNDOING && isLast;
    }

    /** Takes an answer that {@link #refusal} lets through. */
    void take(Answer answer) {
        SagaStep<D> step = run.definition.step(answer.step());
        if (answer.undo()) {
            takeUndo(step, answer);
            return;
        }
        switch (answer.outcome()) {
            case DONE -> done(step, answer.content(), StepEvent.DONE, null);
            case REFUSED -> {
                if (step.kind() == StepKind.RETRIABLE) {
                    failed(step, "refused, which it cannot be: " + answer.why(), true);
                } else {
                    refused(step, answer);
                }
            }
            case FAILED, EXPIRED -> failed(step, answer.why(), true);
            case FORGOTTEN, FENCED -> failed(step, answer.why(), false);
        }
    }

    void done(SagaStep<D> step, @Nullable Object content, StepEvent event, @Nullable String reason) {
        Merge<D, ?> merge = merge(step, false, ReplyOutcome.DONE);
        D data = merge == null || content == null ? run.data() : merge.apply(run.data(), content);
        if (run.stateOf(step.name()) == StepState.REFUSED) {
            run.note("revealed", step.name(), "it was refused, and did take effect: it will be undone");
        }
        run.move(step.name(), event, reason);
        run.data(data);
    }

    private void refused(SagaStep<D> step, Answer answer) {
        Merge<D, ?> merge = step.refused();
        if (merge != null && answer.content() != null) {
            run.data(merge.apply(run.data(), answer.content()));
        }
        run.move(step.name(), StepEvent.REFUSE, answer.why());
        turnBack("step '" + step.name() + "' was refused: " + answer.why());
    }

    /** A local step's work was taken back for a reason of the business. */
    void localRefused(SagaStep<D> step, boolean undo, String reason) {
        if (undo) {
            run.move(step.name(), StepEvent.UNDO_STICK, "refused: " + reason);
        } else if (step.kind() == StepKind.RETRIABLE) {
            failed(step, "refused, which it cannot be: " + reason, true);
        } else {
            run.move(step.name(), StepEvent.REFUSE, reason);
            turnBack("step '" + step.name() + "' was refused: " + reason);
        }
    }

    /** An attempt that is under way has failed. */
    void failed(SagaStep<D> step, String reason, boolean again) {
        String name = step.name();
        StepProgress progress = run.progress(name);
        int used = progress.attempt() - progress.budgetFrom();
        if (again && !run.isBackward() && used < step.retry().maxAttempts()) {
            run.move(name, StepEvent.FAIL, reason);
            wait(name, step.retry(), used);
        } else if (step.kind() != StepKind.COMPENSATABLE) {
            run.move(name, StepEvent.STICK, reason);
        } else {
            // What a local step did was taken back for certain.
            boolean isLocal = step.action() instanceof StepAction.Local;
            run.move(name, isLocal ? StepEvent.REFUSE : StepEvent.GIVE_UP, reason);
            turnBack("step '" + name + "' was given up after " + used + " attempts: " + reason);
        }
    }

    private void turnBack(String reason) {
        if (!run.isBackward()) {
            backward.turn(reason, false);
        }
    }

    private void takeUndo(SagaStep<D> step, Answer answer) {
        switch (answer.outcome()) {
            case DONE -> run.move(step.name(), StepEvent.UNDONE, null);
            case FAILED, EXPIRED -> undoFailed(step, answer.why());
            case REFUSED, FORGOTTEN, FENCED ->
                run.move(step.name(), StepEvent.UNDO_STICK, answer.outcome().word() + ": " + answer.why());
        }
    }

    /** An attempt of a compensation that is under way has failed. */
    void undoFailed(SagaStep<D> step, String reason) {
        StepProgress progress = run.progress(step.name());
        int used = progress.undoAttempt() - progress.budgetFrom();
        if (used < step.undoRetry().maxAttempts()) {
            run.move(step.name(), StepEvent.UNDO_FAIL, reason);
            wait(step.name(), step.undoRetry(), used);
        } else {
            run.move(step.name(), StepEvent.UNDO_STICK, reason);
        }
    }

    private void wait(String step, RetryPolicy policy, int used) {
        Instant due = run.now.plus(policy.backoff().delay(Math.max(1, used), run.random));
        // A timer that is finer than what is kept would be due later than it wakes the saga.
        run.progress(step, run.progress(step).until(due.truncatedTo(ChronoUnit.MILLIS)));
    }
}
