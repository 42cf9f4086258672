package dev.tally.saga.definition;

import dev.tally.saga.StepKind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is wrong with a definition as a whole. */
final class DefinitionCheck<D> {

    private static final int MAX_NAME = 100;

    private final SagaDefinition<D> definition;
    private final List<String> faults = new ArrayList<>();
    private final Map<String, Set<String>> allBefore = new HashMap<>();

    DefinitionCheck(SagaDefinition<D> definition) {
        this.definition = definition;
    }

    List<String> faults() {
        checkNames();
        if (definition.steps().isEmpty()) {
            faults.add("it has no steps");
            return faults;
        }
        boolean orderIsKnown = checkPredecessors();
        if (orderIsKnown) {
            checkKinds();
        }
        definition.steps().forEach(this::checkChoice);
        return faults;
    }

    private void checkNames() {
        checkName("its name", definition.name());
        if (definition.version() < 1) {
            faults.add("its version is " + definition.version() + ", below 1");
        }
        Duration deadline = definition.deadline();
        if (deadline != null && (deadline.isNegative() || deadline.isZero())) {
            faults.add("its deadline is " + deadline + ", not positive");
        }
        definition.migrations().stream()
                .filter(migration -> migration.from() >= definition.version())
                .forEach(migration -> faults.add("it migrates from version " + migration.from()
                        + ", which is not before " + definition.version()));
        definition.steps().forEach(step -> checkName("the name of a step", step.name()));
    }

    private void checkName(String what, String name) {
        if (name.isBlank() || name.length() > MAX_NAME || !name.chars().allMatch(DefinitionCheck::isNameCharacter)) {
            faults.add(what + ", '" + name + "', is not 1 to " + MAX_NAME + " letters, digits, '-', '_' or '.'");
        }
    }

    private static boolean isNameCharacter(int c) {
        return Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
    }

    /** Whether every step has a place. */
    private boolean checkPredecessors() {
        int before = faults.size();
        for (SagaStep<D> step : definition.steps()) {
            for (String other : step.after()) {
                if (!definition.stepNames().contains(other)) {
                    faults.add("step '" + step.name() + "': it comes after '" + other + "', which is no step");
                }
            }
        }
        if (faults.size() > before) {
            return false;
        }
        for (SagaStep<D> step : definition.steps()) {
            Set<String> all = allBefore(step);
            allBefore.put(step.name(), all);
            if (all.contains(step.name())) {
                faults.add("step '" + step.name() + "': it waits for itself, by way of " + step.after());
            }
        }
        return faults.size() == before;
    }

    private Set<String> allBefore(SagaStep<D> step) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(step.after());
        while (!open.isEmpty()) {
            String name = open.pop();
            if (seen.add(name)) {
                open.addAll(definition.step(name).after());
            }
        }
        return seen;
    }

    /** Compensatable steps, then the pivot, then retriable ones: of every two in that relation, the one waits for the other. */
    private void checkKinds() {
        List<SagaStep<D>> pivots = ofKind(StepKind.PIVOT);
        for (int i = 1; i < pivots.size(); i++) {
            SagaStep<D> other = pivots.get(i);
            if (!excludeOneAnother(pivots.get(0), other)) {
                faults.add("step '" + other.name() + "': it is a pivot, and so is '"
                        + pivots.get(0).name() + "'; there is one point of no return");
            }
        }
        for (SagaStep<D> later : definition.steps()) {
            if (later.kind() != StepKind.PIVOT && later.kind() != StepKind.RETRIABLE) {
                continue;
            }
            for (SagaStep<D> compensatable : ofKind(StepKind.COMPENSATABLE)) {
                requireOrder(compensatable, later);
            }
            if (later.kind() == StepKind.RETRIABLE) {
                pivots.forEach(pivot -> requireOrder(pivot, later));
            }
        }
    }

    private void requireOrder(SagaStep<D> first, SagaStep<D> later) {
        if (before(first).contains(later.name())) {
            faults.add("step '" + first.name() + "': it is " + word(first) + ", and comes after the " + word(later)
                    + " step '" + later.name() + "'; what cannot be undone has to come last");
        } else if (!before(later).contains(first.name()) && !excludeOneAnother(first, later)) {
            faults.add("step '" + later.name() + "': it is " + word(later) + ", and does not wait for the "
                    + word(first) + " step '" + first.name() + "', which may still have to be undone");
        }
    }

    private Set<String> before(SagaStep<D> step) {
        return allBefore.getOrDefault(step.name(), Set.of());
    }

    /** Whether they lie on different ways of one choice. */
    private boolean excludeOneAnother(SagaStep<D> one, SagaStep<D> other) {
        return one.guards().stream().anyMatch(guard -> other.guards().stream()
                .anyMatch(that ->
                        that.choice().equals(guard.choice()) && !that.label().equals(guard.label())));
    }

    private List<SagaStep<D>> ofKind(StepKind kind) {
        return definition.steps().stream().filter(step -> step.kind() == kind).toList();
    }

    private static String word(SagaStep<?> step) {
        return switch (step.kind()) {
            case COMPENSATABLE -> "compensatable";
            case PIVOT -> "pivot";
            case RETRIABLE -> "retriable";
            case CHOICE -> "choice";
        };
    }

    private void checkChoice(SagaStep<D> step) {
        if (step.action() instanceof StepAction.Choose<D> choice) {
            Set<String> labels = new HashSet<>();
            for (StepAction.Branch<D> branch : choice.branches()) {
                checkName("choice '" + step.name() + "': the label of a way", branch.label());
                if (!labels.add(branch.label())) {
                    faults.add("choice '" + step.name() + "': two ways have the label '" + branch.label() + "'");
                }
            }
            if (choice.branches().isEmpty()) {
                faults.add("choice '" + step.name() + "': it has no ways");
            }
        }
    }
}
