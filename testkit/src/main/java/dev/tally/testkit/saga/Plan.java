package dev.tally.testkit.saga;

import dev.tally.saga.definition.SagaDefinition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * What is explored in one run.
 *
 * @param generations the definitions of the application, and of what is deployed after it
 * @param starts the sagas that are started
 * @param participants who does the steps
 * @param signals what brings signals, by their names
 */
record Plan(
        List<List<SagaDefinition<?>>> generations,
        Deque<Start> starts,
        List<ExploredParticipant> participants,
        Map<String, Function<RandomGenerator, Object>> signals) {

    record Start(String saga, String key, Object data) {}

    /** Makes the plan of one run. */
    @FunctionalInterface
    interface Maker {
        Plan make(SimulatedWorld world);
    }

    Plan {
        generations = List.copyOf(generations);
        starts = new ArrayDeque<>(starts);
        participants = List.copyOf(participants);
        signals = Map.copyOf(signals);
    }
}
