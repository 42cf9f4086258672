package dev.tally.testkit.saga;

import dev.tally.saga.StepKind;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.store.StoredSaga;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All definitions of one run, with the order of their steps: made anew here, since the engine's own may be wrong. */
final class Definitions {

    private record Version(String name, int version) {}

    private final Map<Version, SagaDefinition<?>> byVersion = new LinkedHashMap<>();
    private final Map<Version, Map<String, Set<String>>> behind = new HashMap<>();

    Definitions(Collection<? extends Collection<SagaDefinition<?>>> generations) {
        generations.forEach(definitions ->
                definitions.forEach(each -> byVersion.put(new Version(each.name(), each.version()), each)));
    }

    SagaDefinition<?> of(StoredSaga saga) {
        return Objects.requireNonNull(
                byVersion.get(new Version(saga.name(), saga.definitionVersion())),
                () -> "no definition of " + saga.title() + " v" + saga.definitionVersion());
    }

    @Nullable SagaStep<?> step(StoredSaga saga, String step) {
        SagaDefinition<?> definition = of(saga);
        return definition.stepNames().contains(step) ? definition.step(step) : null;
    }

    StepKind kind(String saga, String step) {
        return byVersion.values().stream()
                .filter(each -> each.name().equals(saga) && each.stepNames().contains(step))
                .findFirst()
                .map(each -> each.step(step).kind())
                .orElse(StepKind.COMPENSATABLE);
    }

    /** The steps that wait for a step, directly or not. */
    Set<String> behind(StoredSaga saga, String step) {
        return behind.computeIfAbsent(new Version(saga.name(), saga.definitionVersion()), version -> closure(of(saga)))
                .getOrDefault(step, Set.of());
    }

    private static Map<String, Set<String>> closure(SagaDefinition<?> definition) {
        Map<String, Set<String>> all = new HashMap<>();
        for (String name : definition.stepNames()) {
            Set<String> found = new LinkedHashSet<>(Set.of(name));
            int size;
            do {
                size = found.size();
                for (SagaStep<?> step : definition.steps()) {
                    if (step.after().stream().anyMatch(found::contains)) {
                        found.add(step.name());
                    }
                }
            } while (found.size() > size);
            found.remove(name);
            all.put(name, found);
        }
        return all;
    }
}
