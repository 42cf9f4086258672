package dev.tally.saga.view;

import dev.tally.saga.StepKind;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.Guard;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Mermaid flow charts of definitions, with the state of a saga drawn in if one is given. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaDiagram {

    private static final Map<StepState, String> COLOURS = new EnumMap<>(Map.of(
            StepState.ACTIVE, "#fff3bf",
            StepState.RETRYING, "#ffe066",
            StepState.DONE, "#b2f2bb",
            StepState.SKIPPED, "#f1f3f5",
            StepState.REFUSED, "#ffc9c9",
            StepState.UNKNOWN, "#eebefa",
            StepState.STUCK, "#ff8787",
            StepState.UNDOING, "#ffd8a8",
            StepState.UNDONE, "#dee2e6",
            StepState.UNDO_STUCK, "#fa5252"));

    static {
        COLOURS.put(StepState.UNDO_RETRYING, "#ffc078");
    }

    private SagaDiagram() {}

    /** The chart of a definition. */
    public static String of(SagaDefinition<?> definition) {
        return draw(definition, null);
    }

    /** The chart of a definition with where a saga is. */
    public static String of(SagaDefinition<?> definition, StoredSaga saga) {
        return draw(definition, saga);
    }

    private static String draw(SagaDefinition<?> definition, @Nullable StoredSaga saga) {
        Map<String, String> ids = new HashMap<>();
        List<String> lines = new ArrayList<>();
        lines.add("flowchart TD");
        for (SagaStep<?> step : definition.steps()) {
            ids.put(step.name(), "s" + ids.size());
        }
        for (SagaStep<?> step : definition.steps()) {
            lines.add("  " + ids.get(step.name()) + shape(step, saga));
        }
        for (SagaStep<?> step : definition.steps()) {
            if (step.after().isEmpty()) {
                lines.add("  start((start)) --> " + ids.get(step.name()));
            }
            definition.steps().stream()
                    .filter(before -> step.after().contains(before.name()))
                    .forEach(before ->
                            lines.add("  " + ids.get(before.name()) + edge(step, before) + ids.get(step.name())));
        }
        if (saga != null) {
            saga.steps().forEach((name, progress) -> {
                String colour = COLOURS.get(progress.state());
                if (colour != null && ids.containsKey(name)) {
                    lines.add("  style " + ids.get(name) + " fill:" + colour);
                }
            });
        }
        return String.join("\n", lines) + "\n";
    }

    private static String edge(SagaStep<?> step, SagaStep<?> before) {
        return step.guards().stream()
                .filter(guard -> guard.choice().equals(before.name()))
                .map(Guard::label)
                .findFirst()
                .map(label -> " -->|" + label + "| ")
                .orElse(step.condition() == null ? " --> " : " -.-> ");
    }

    private static String shape(SagaStep<?> step, @Nullable StoredSaga saga) {
        if (step.kind() == StepKind.CHOICE) {
            return "{\"" + step.name() + state(step, saga) + "\"}";
        }
        String text = step.name() + "<br/>" + step.kind().name().toLowerCase(Locale.ROOT) + ": "
                + step.action().word()
                + (step.undo() instanceof StepAction.Nothing
                        ? ""
                        : "<br/>undo: " + step.undo().word())
                + state(step, saga);
        return step.kind() == StepKind.PIVOT ? "[[\"" + text + "\"]]" : "[\"" + text + "\"]";
    }

    private static String state(SagaStep<?> step, @Nullable StoredSaga saga) {
        if (saga == null) {
            return "";
        }
        StepProgress progress = saga.step(step.name());
        int attempts = Math.max(progress.attempt(), 1);
        return "<br/>" + progress.state() + (attempts > 1 ? ", attempt " + attempts : "");
    }
}
