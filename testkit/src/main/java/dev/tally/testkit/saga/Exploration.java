package dev.tally.testkit.saga;

import dev.tally.saga.SagaState;
import dev.tally.saga.engine.SagaTransitions;
import dev.tally.saga.engine.StepTransitions;
import java.util.Map;
import java.util.Set;

/**
 * What an exploration without a violation has seen.
 *
 * @param runs how many runs there were
 * @param events what happened in all of them
 * @param crashes how often a node crashed
 * @param ends where the sagas are at the ends of the runs; {@link SagaState#PARKED} only where nobody sees to sagas
 * @param stepTransitions the moves of steps that were taken
 * @param sagaTransitions the moves of sagas that were taken
 * @since 0.1
 */
public record Exploration(
        int runs,
        long events,
        long crashes,
        Map<SagaState, Long> ends,
        Set<StepTransitions.Transition> stepTransitions,
        Set<SagaTransitions.Transition> sagaTransitions) {

    static Exploration of(int runs, Visits visits) {
        return new Exploration(
                runs,
                visits.events,
                visits.crashes,
                Map.copyOf(visits.ends),
                Set.copyOf(visits.steps),
                Set.copyOf(visits.sagas));
    }
}
