package dev.tally.saga.engine;

import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.SagaStep;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Which steps come behind which. Immutable. */
final class StepGraph {

    private final Map<String, Set<String>> behind = new HashMap<>();

    StepGraph(SagaDefinition<?> definition) {
        for (SagaStep<?> step : definition.steps()) {
            behind.put(step.name(), new LinkedHashSet<>());
        }
        boolean grows = true;
        while (grows) {
            grows = false;
            for (SagaStep<?> step : definition.steps()) {
                for (String before : step.after()) {
                    Set<String> all = of(before);
                    grows |= all.add(step.name());
                    grows |= all.addAll(of(step.name()));
                }
            }
        }
    }

    private Set<String> of(String step) {
        return behind.computeIfAbsent(step, name -> new LinkedHashSet<>());
    }

    /** The steps that wait for {@code step}, directly or not. */
    Set<String> behind(String step) {
        return behind.getOrDefault(step, Set.of());
    }
}
