package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.Merge;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What follows for one saga from what happens to it. Without input and output: what has to be done comes out of {@link
 * #nextEffect}, and what became of that goes in again.
 *
 * <ol>
 *   <li>A stimulus: an answer, a time that has come, an act of a person.
 *   <li>{@link #advance}: steps whose predecessors are done begin; on the way back, steps whose successors are undone are
 *       undone; the end is found.
 *   <li>Effects are done until there are none; the results of local work are stimuli themselves.
 *   <li>{@link #after} and {@link #history} are kept.
 * </ol>
 *
 * <p>For one thread and one transaction.
 */
final class SagaRun<D> {

    private final RunState<D> run;
    private final Forward<D> forward;
    private final Backward<D> backward;
    private final Answers<D> answers;
    private final ByHand<D> byHand;

    SagaRun(
            SagaDefinition<D> definition,
            StepGraph graph,
            StoredSaga saga,
            D data,
            Instant now,
            RandomGenerator random) {
        run = new RunState<>(definition, graph, saga, data, now, random);
        forward = new Forward<>(run);
        backward = new Backward<>(run, forward);
        answers = new Answers<>(run, backward);
        byHand = new ByHand<>(run, forward, backward, answers);
    }

    StoredSaga before() {
        return run.before();
    }

    SagaState state() {
        return run.state();
    }

    D data() {
        return run.data();
    }

    SagaDefinition<D> definition() {
        return run.definition;
    }

    /** What a person can do with it. */
    ByHand<D> byHand() {
        return byHand;
    }

    List<SagaEvent> events() {
        return List.copyOf(run.events);
    }

    boolean isChanged() {
        return run.isChanged();
    }

    /** Whether answers have to wait until a person has seen to the saga. */
    boolean holdsAnswers() {
        Parking parking = run.parking();
        return parking != null && parking.holdsAnswers();
    }

    void begin() {
        run.note("started", null, null);
        advance();
    }

    /** Why an answer changes nothing; {@code null} if it is to be taken. */
    @Nullable String refusal(Answer answer) {
        return answers.refusal(answer);
    }

    /** What becomes of the content of an answer; {@code null} if nobody looks at it. */
    @Nullable Merge<D, ?> merge(String step, boolean undo, ReplyOutcome outcome) {
        return answers.merge(run.definition.step(step), undo, outcome);
    }

    /** An answer has come that {@link #refusal} lets through. */
    void answer(Answer answer) {
        answers.take(answer);
        advance();
    }

    /** Local work is done. */
    void localDone(String step, boolean undo, D data) {
        run.data(data);
        run.move(step, undo ? StepEvent.UNDONE : StepEvent.DONE, null);
        advance();
    }

    /** Local work was taken back. */
    void localFailed(String step, boolean undo, boolean refused, String reason) {
        SagaStep<D> of = run.definition.step(step);
        if (refused) {
            answers.localRefused(of, undo, reason);
        } else if (undo) {
            answers.undoFailed(of, reason);
        } else {
            answers.failed(of, reason, true);
        }
        advance();
    }

    /** Whatever is due by now happens. */
    void wake() {
        // Also where nothing can be done: what asked for it, a signal or a lock, is looked at when the saga is let go
        // on.
        run.woken();
        if (run.isHeld()) {
            return;
        }
        for (SagaStep<D> step : run.definition.steps()) {
            Instant due = run.progress(step.name()).due();
            if (due != null && !due.isAfter(run.now)) {
                isDue(step);
            } else if (run.stateOf(step.name()) == StepState.ACTIVE) {
                forward.lookAgain(step);
            }
        }
        Instant deadline = run.deadlineAt();
        if (deadline != null && !run.isBackward() && !deadline.isAfter(run.now)) {
            deadline();
        }
        advance();
    }

    private void isDue(SagaStep<D> step) {
        switch (run.stateOf(step.name())) {
            case ACTIVE -> {
                if (step.action() instanceof StepAction.SubSaga) {
                    forward.askBack(step);
                } else if (step.action() instanceof StepAction.Lock) {
                    // Its owner's lease may be over, of which nobody tells those that wait.
                    forward.lookAgain(step);
                } else {
                    answers.failed(step, "no answer within " + step.timeout(), true);
                }
            }
            case RETRYING -> forward.begin(step);
            case UNDOING -> answers.undoFailed(step, "no answer within " + step.undoTimeout());
            case UNDO_RETRYING -> backward.begin(step);
            default -> run.progress(step.name(), run.progress(step.name()).until(null));
        }
    }

    private void deadline() {
        run.clearDeadline();
        String pivot = run.openPivot();
        if (run.isPastPivot()) {
            run.note("overdue", null, "its deadline has passed, and there is no way back any more: it goes on");
        } else if (pivot != null) {
            run.note(
                    "overdue",
                    pivot,
                    "its deadline has passed while nobody knows whether step '" + pivot + "' is done: it goes on");
        } else {
            backward.turn("its deadline has passed", true);
        }
    }

    /** Turns back; what follows from that is done when the saga wakes, which is at once. */
    void cancelSoon(String reason) {
        backward.turn(reason, true);
        run.wakeSoon();
    }

    /** Somebody has asked that it looks again, in the same transaction. */
    void wakeSoon() {
        run.wakeSoon();
    }

    /** Whatever is possible now begins. */
    void advance() {
        boolean moved = true;
        while (moved && !run.isHeld()) {
            moved = run.isBackward() ? backward.advance() : forward.advance();
        }
        if (!run.isHeld()) {
            settle();
        }
    }

    /** Parked while a step is stuck, and no longer. */
    private void settle() {
        SagaStep<D> stuck =
                run.steps(StepState.STUCK, StepState.UNDO_STUCK).findFirst().orElse(null);
        if (stuck != null && run.state() != SagaState.PARKED) {
            boolean undo = run.stateOf(stuck.name()) == StepState.UNDO_STUCK;
            run.park(new Parking(
                    Parking.Kind.STEP,
                    (undo ? "the compensation of step '" : "step '") + stuck.name() + "' is stuck: "
                            + run.progress(stuck.name()).reason()));
        } else if (stuck == null && run.state() == SagaState.PARKED) {
            run.unpark(null);
        }
    }

    /** A step that waits in this database looks again by itself after a while, unless it does so already. */
    void lookAgainBy(String step, Instant time) {
        Instant due = run.progress(step).due();
        if (due == null || !due.isAfter(run.now)) {
            run.progress(step, run.progress(step).until(time));
        }
    }

    /** How far a step is. */
    StepProgress progress(String step) {
        return run.progress(step);
    }

    /** Whether nothing but sending messages follows, which cannot fail or answer at once. */
    boolean hasOnlyMessages() {
        return run.effects.stream().allMatch(Effect.SendCommand.class::isInstance);
    }

    /** Whether a definition like this takes semantic locks. */
    boolean usesLocks() {
        return run.definition.steps().stream().anyMatch(step -> step.action() instanceof StepAction.Lock);
    }

    /** The same, after what has happened so far was kept as {@code kept}. */
    SagaRun<D> goingOnFrom(StoredSaga kept) {
        SagaRun<D> going = new SagaRun<>(run.definition, run.graph, kept, run.data(), run.now, run.random);
        going.run.effects.addAll(run.effects);
        return going;
    }

    /** The next thing to do, or {@code null}. */
    @Nullable Effect nextEffect() {
        return run.effects.poll();
    }

    StoredSaga after(String dataJson) {
        return run.after(dataJson);
    }

    HistoryEntry history(@Nullable String actor, @Nullable String reason, String dataJson) {
        return run.history(actor, reason, dataJson);
    }
}
