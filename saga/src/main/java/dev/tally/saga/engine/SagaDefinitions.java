package dev.tally.saga.engine;

import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.SagaMigration;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The definitions of an application, several versions of each side by side. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class SagaDefinitions {

    private final Map<String, TreeMap<Integer, Known<?>>> byName = new LinkedHashMap<>();

    /** A definition with the order of its steps. */
    record Known<D>(SagaDefinition<D> definition, StepGraph graph) {
        static <D> Known<D> of(SagaDefinition<D> definition) {
            return new Known<>(definition, new StepGraph(definition));
        }
    }

    /**
     * Takes definitions.
     *
     * @throws InvalidSagaException with everything that is wrong with any of them
     */
    public SagaDefinitions(Collection<? extends SagaDefinition<?>> definitions) {
        List<String> faults = new ArrayList<>();
        for (SagaDefinition<?> definition : definitions) {
            definition.faults().forEach(fault -> faults.add("saga " + definition + ": " + fault));
            if (!definition.faults().isEmpty()) {
                continue;
            }
            Known<?> other = byName.computeIfAbsent(definition.name(), name -> new TreeMap<>())
                    .putIfAbsent(definition.version(), Known.of(definition));
            if (other != null) {
                faults.add("saga " + definition + ": there are two definitions of this version");
            }
        }
        if (faults.isEmpty()) {
            all().forEach(definition -> subSagas(definition).forEach(saga -> {
                if (!byName.containsKey(saga)) {
                    faults.add("saga " + definition + ": it runs saga '" + saga + "', which is not defined here");
                }
            }));
        }
        if (!faults.isEmpty()) {
            throw new InvalidSagaException("Cannot start: " + faults.size()
                    + " faults in the definitions of sagas:\n - " + String.join("\n - ", faults));
        }
    }

    private static Stream<String> subSagas(SagaDefinition<?> definition) {
        return definition.steps().stream()
                .flatMap((SagaStep<?> step) -> Stream.of(step.action(), step.undo()))
                .filter(StepAction.SubSaga.class::isInstance)
                .map(action -> ((StepAction.SubSaga<?>) action).saga());
    }

    /**
     * Checks that participants remember their steps for longer than any saga runs.
     *
     * @param remembered how long they do
     * @throws InvalidSagaException if a deadline is longer
     */
    public void requireRemembered(Duration remembered) {
        List<String> faults = all().stream()
                .filter(definition ->
                        definition.deadline() != null && definition.deadline().compareTo(remembered) > 0)
                .map(definition -> "saga " + definition + ": its deadline is " + definition.deadline()
                        + ", and participants remember their steps for " + remembered
                        + " only; a command after that is not run, since nobody could tell whether it was before")
                .toList();
        if (!faults.isEmpty()) {
            throw new InvalidSagaException("Cannot start: " + faults.size() + " faults in the deadlines of sagas:\n - "
                    + String.join("\n - ", faults));
        }
    }

    /** All of them. */
    public List<SagaDefinition<?>> all() {
        List<SagaDefinition<?>> all = new ArrayList<>();
        byName.values().forEach(versions -> versions.values().forEach(known -> all.add(known.definition())));
        return all;
    }

    /** Their names, always in the same order. */
    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    /** The versions of a name that sagas can be in to go on here: those that are defined, or can be migrated. */
    public Set<Integer> runnableVersions(String name) {
        java.util.TreeSet<Integer> versions = new java.util.TreeSet<>();
        TreeMap<Integer, Known<?>> known = byName.get(name);
        if (known != null) {
            versions.addAll(known.keySet());
            known.values().forEach(each -> each.definition().migrations().stream()
                    .map(SagaMigration::from)
                    .forEach(versions::add));
        }
        return versions;
    }

    /** The definition of a version. */
    public Optional<SagaDefinition<?>> find(String name, int version) {
        Known<?> known = known(name, version);
        return known == null ? Optional.empty() : Optional.of(known.definition());
    }

    @Nullable Known<?> known(String name, int version) {
        TreeMap<Integer, Known<?>> versions = byName.get(name);
        return versions == null ? null : versions.get(version);
    }

    /** The definition with which new sagas begin. */
    Known<?> latest(String name) {
        TreeMap<Integer, Known<?>> versions = byName.get(name);
        if (versions == null) {
            throw new IllegalArgumentException("Cannot start a saga '" + name
                    + "': there is no such definition; there are " + byName.keySet() + ". Nothing was done");
        }
        return versions.lastEntry().getValue();
    }

    /** The definition that a saga of {@code version}, which is not there, can be migrated to; {@code null} if none. */
    @Nullable Known<?> migrationTarget(String name, int version) {
        TreeMap<Integer, Known<?>> versions = byName.get(name);
        if (versions == null) {
            return null;
        }
        return versions.descendingMap().values().stream()
                .filter(known -> known.definition().migrations().stream().anyMatch(each -> each.from() == version))
                .findFirst()
                .orElse(null);
    }
}
