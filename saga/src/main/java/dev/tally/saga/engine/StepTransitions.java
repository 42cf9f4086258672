package dev.tally.saga.engine;

import static dev.tally.saga.StepState.ACTIVE;
import static dev.tally.saga.StepState.DONE;
import static dev.tally.saga.StepState.PENDING;
import static dev.tally.saga.StepState.REFUSED;
import static dev.tally.saga.StepState.RETRYING;
import static dev.tally.saga.StepState.SKIPPED;
import static dev.tally.saga.StepState.STUCK;
import static dev.tally.saga.StepState.UNDOING;
import static dev.tally.saga.StepState.UNDONE;
import static dev.tally.saga.StepState.UNDO_RETRYING;
import static dev.tally.saga.StepState.UNDO_STUCK;
import static dev.tally.saga.StepState.UNKNOWN;

import dev.tally.saga.StepState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The moves of a step: all there are.
 *
 * @since 0.1
 */
public final class StepTransitions {

    /**
     * A move.
     *
     * @param from where the step is
     * @param event what happens
     * @param to where it is then
     */
    public record Transition(StepState from, StepEvent event, StepState to) {}

    /** Every move of a step. */
    public static final List<Transition> ALL = List.of(
            new Transition(PENDING, StepEvent.START, ACTIVE),
            new Transition(PENDING, StepEvent.SKIP, SKIPPED),
            new Transition(PENDING, StepEvent.DONE, DONE),
            new Transition(ACTIVE, StepEvent.DONE, DONE),
            new Transition(ACTIVE, StepEvent.SUBSTITUTE, DONE),
            new Transition(ACTIVE, StepEvent.REFUSE, REFUSED),
            new Transition(ACTIVE, StepEvent.FAIL, RETRYING),
            new Transition(ACTIVE, StepEvent.GIVE_UP, UNKNOWN),
            new Transition(ACTIVE, StepEvent.STICK, STUCK),
            new Transition(RETRYING, StepEvent.START, ACTIVE),
            new Transition(RETRYING, StepEvent.DONE, DONE),
            new Transition(RETRYING, StepEvent.SUBSTITUTE, DONE),
            new Transition(RETRYING, StepEvent.REFUSE, REFUSED),
            new Transition(RETRYING, StepEvent.GIVE_UP, UNKNOWN),
            new Transition(STUCK, StepEvent.START, ACTIVE),
            new Transition(STUCK, StepEvent.DONE, DONE),
            new Transition(STUCK, StepEvent.SUBSTITUTE, DONE),
            new Transition(STUCK, StepEvent.REFUSE, REFUSED),
            new Transition(UNKNOWN, StepEvent.DONE, DONE),
            new Transition(UNKNOWN, StepEvent.REFUSE, REFUSED),
            new Transition(UNKNOWN, StepEvent.UNDO, UNDOING),
            new Transition(UNKNOWN, StepEvent.UNDONE, UNDONE),
            new Transition(REFUSED, StepEvent.DONE, DONE),
            new Transition(DONE, StepEvent.UNDO, UNDOING),
            new Transition(DONE, StepEvent.UNDONE, UNDONE),
            new Transition(UNDOING, StepEvent.UNDONE, UNDONE),
            new Transition(UNDOING, StepEvent.UNDO_FAIL, UNDO_RETRYING),
            new Transition(UNDOING, StepEvent.UNDO_STICK, UNDO_STUCK),
            new Transition(UNDO_RETRYING, StepEvent.UNDO, UNDOING),
            new Transition(UNDO_RETRYING, StepEvent.UNDONE, UNDONE),
            new Transition(UNDO_STUCK, StepEvent.UNDO, UNDOING),
            new Transition(UNDO_STUCK, StepEvent.UNDONE, UNDONE));

    private StepTransitions() {}

    /** Where {@code event} leads from {@code from}; {@code null} if it is no move. */
    static @Nullable StepState target(StepState from, StepEvent event) {
        for (Transition each : ALL) {
            if (each.from() == from && each.event() == event) {
                return each.to();
            }
        }
        return null;
    }
}
