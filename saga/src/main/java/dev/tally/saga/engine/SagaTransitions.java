package dev.tally.saga.engine;

import static dev.tally.saga.SagaState.COMPENSATED;
import static dev.tally.saga.SagaState.COMPENSATING;
import static dev.tally.saga.SagaState.COMPLETED;
import static dev.tally.saga.SagaState.PARKED;
import static dev.tally.saga.SagaState.RUNNING;

import dev.tally.saga.SagaState;
import java.util.List;

/**
 * The moves of a saga: all there are.
 *
 * @since 0.1
 */
public final class SagaTransitions {

    /**
     * A move.
     *
     * @param from where the saga is
     * @param to where it is then
     * @param because when that happens
     */
    public record Transition(SagaState from, SagaState to, String because) {}

    /** Every move of a saga. */
    public static final List<Transition> ALL = List.of(
            new Transition(RUNNING, COMPLETED, "all steps done"),
            new Transition(RUNNING, COMPENSATING, "a step refused or unknown, the deadline, or a person"),
            new Transition(RUNNING, PARKED, "a step stuck, an error, or a person"),
            new Transition(COMPENSATING, COMPENSATED, "all steps undone"),
            new Transition(COMPENSATING, PARKED, "a compensation stuck, an error, or a person"),
            new Transition(PARKED, RUNNING, "solved on the way forward"),
            new Transition(PARKED, COMPENSATING, "solved on the way back"),
            new Transition(PARKED, COMPLETED, "ended by a person, or by the last answer"),
            new Transition(PARKED, COMPENSATED, "ended by a person, or by the last answer"));

    private SagaTransitions() {}

    static boolean allows(SagaState from, SagaState to) {
        return ALL.stream().anyMatch(each -> each.from() == from && each.to() == to);
    }
}
