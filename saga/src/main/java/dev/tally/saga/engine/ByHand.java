package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.StepProgress;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a person can do with a saga. What is not possible is refused with the reason, and nothing is changed. */
final class ByHand<D> {

    private final RunState<D> run;
    private final Forward<D> forward;
    private final Backward<D> backward;
    private final Answers<D> answers;

    ByHand(RunState<D> run, Forward<D> forward, Backward<D> backward, Answers<D> answers) {
        this.run = run;
        this.forward = forward;
        this.backward = backward;
        this.answers = answers;
    }

    private SagaActRefusedException refused(String act, String found) {
        return new SagaActRefusedException(
                "Cannot " + act + " saga " + run.before().title() + ": " + found + " (version "
                        + run.before().version() + "); nothing was changed");
    }

    /** Why it cannot go its way back; {@code null} if it can. */
    @Nullable String refusalToTurnBack() {
        String pivot = run.openPivot();
        if (run.state().isEnd()) {
            return "it is " + run.state();
        }
        if (run.isBackward()) {
            return "it goes its way back already";
        }
        if (run.isPastPivot()) {
            return "it is past its pivot, and there is no way back any more";
        }
        return pivot == null ? null : "step '" + pivot + "' may have been done; wait for its answer";
    }

    /** Tries again what waits for its next attempt or is stuck, with a new budget. */
    void retryNow(@Nullable String only) {
        requireNotEnded("retry");
        boolean any = false;
        for (SagaStep<D> step : run.definition.steps()) {
            if (only == null || only.equals(step.name())) {
                any |= retry(step);
            }
        }
        if (!any) {
            throw refused(
                    "retry " + (only == null ? "anything of" : "step '" + only + "' of"),
                    only == null ? "no step waits for an attempt or is stuck" : "the step is " + run.stateOf(only));
        }
    }

    private boolean retry(SagaStep<D> step) {
        StepProgress progress = run.progress(step.name());
        switch (progress.state()) {
            case RETRYING, STUCK -> {
                run.progress(step.name(), progress.withBudgetFrom(progress.attempt()));
                forward.begin(step);
                return true;
            }
            case UNDO_RETRYING, UNDO_STUCK -> {
                run.progress(step.name(), progress.withBudgetFrom(progress.undoAttempt()));
                backward.begin(step);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** Takes a step, or its compensation, as done. */
    void skip(String name, @Nullable Object substitute) {
        requireNotEnded("skip a step of");
        SagaStep<D> step = run.definition.step(name);
        switch (run.stateOf(name)) {
            case ACTIVE, RETRYING, STUCK -> answers.done(step, substitute, StepEvent.SUBSTITUTE, "by hand");
            case UNDOING, UNDO_RETRYING, UNDO_STUCK -> run.move(name, StepEvent.UNDONE, "by hand");
            default -> throw refused("skip step '" + name + "' of", "the step is " + run.stateOf(name));
        }
    }

    /** Goes its way back; what comes behind {@code from} is taken as undone. */
    void compensate(@Nullable String from, String reason) {
        String refusal = refusalToTurnBack();
        if (refusal != null) {
            throw refused("compensate", refusal);
        }
        backward.turn(reason, true);
        if (from != null) {
            run.definition.step(from);
            Set<String> behind = run.graph.behind(from);
            run.steps(StepState.DONE, StepState.UNKNOWN)
                    .filter(step -> behind.contains(step.name()))
                    .toList()
                    .forEach(step -> run.move(step.name(), StepEvent.UNDONE, "taken as undone, by hand"));
        }
    }

    void patch(D data) {
        requireNotEnded("change the data of");
        run.data(data);
        run.note("patched", null, null);
    }

    /** Ends it, whatever its steps are. */
    void resolve(SagaState end) {
        if (run.state() != SagaState.PARKED) {
            throw refused(
                    "resolve",
                    "it is " + run.state() + ", and only what is PARKED can be resolved; quarantine it first");
        }
        if (!end.isEnd()) {
            throw refused("resolve", end + " is no end");
        }
        run.end(end, "resolved by hand");
    }

    void quarantine(String reason) {
        requireNotEnded("quarantine");
        run.park(new Parking(Parking.Kind.QUARANTINE, reason));
    }

    /** Lets a parked saga go on; what is stuck stays so. */
    void release() {
        Parking parking = run.parking();
        if (run.state() != SagaState.PARKED || parking == null) {
            throw refused("release", "it is " + run.state());
        }
        if (parking.kind() == Parking.Kind.STEP) {
            throw refused("release", "a step is stuck: retry it, skip it, or resolve the saga");
        }
        run.unpark("released by hand");
        // What has arrived meanwhile waits in the mail.
        run.wakeSoon();
    }

    /** Moves the time at which a step's attempt is over, or its next one begins. */
    void moveTimer(String name, Instant due) {
        requireNotEnded("move a timer of");
        StepProgress progress = run.progress(name);
        if (!progress.state().isInFlight()) {
            throw refused("move the timer of step '" + name + "' of", "the step is " + progress.state());
        }
        run.progress(name, progress.until(due));
        run.note("timer", name, "due " + due);
    }

    /** Takes the time-out of a step away. */
    void cancelTimer(String name) {
        requireNotEnded("cancel a timer of");
        StepProgress progress = run.progress(name);
        if (progress.due() == null) {
            throw refused("cancel the timer of step '" + name + "' of", "it has none");
        }
        if (progress.state() == StepState.RETRYING || progress.state() == StepState.UNDO_RETRYING) {
            throw refused(
                    "cancel the timer of step '" + name + "' of",
                    "nothing else would begin its next attempt; move it instead");
        }
        run.progress(name, progress.until(null));
        run.note("timer", name, "cancelled");
    }

    private void requireNotEnded(String act) {
        if (run.state().isEnd()) {
            throw refused(act, "it is " + run.state());
        }
    }
}
