package dev.tally.testkit.saga;

import dev.tally.saga.SagaState;
import dev.tally.saga.engine.SagaTransitions;
import dev.tally.saga.engine.StepTransitions;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What all runs together have seen. For one thread. */
final class Visits {

    final Set<StepTransitions.Transition> steps = new LinkedHashSet<>();
    final Set<SagaTransitions.Transition> sagas = new LinkedHashSet<>();
    final Map<SagaState, Long> ends = new EnumMap<>(SagaState.class);
    long events;
    long crashes;

    void ended(SagaState state) {
        ends.merge(state, 1L, Long::sum);
    }
}
