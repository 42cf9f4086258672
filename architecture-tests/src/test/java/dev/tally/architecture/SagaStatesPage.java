package dev.tally.architecture;

import dev.tally.saga.engine.SagaTransitions;
import dev.tally.saga.engine.StepTransitions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes {@code docs/saga-states.md} of the engine's two tables of transitions. */
final class SagaStatesPage {

    private static final String INTRODUCTION = """
            # Where sagas and their steps can be

            Generated from `SagaTransitions` and `StepTransitions`, the tables that every move goes through, and compared by the
            build; `mvn -pl architecture-tests -am test -Dtally.docs.rewrite=true` writes it anew. The simulation in `testkit`
            (`SagaSimulationTest`) fails if there is a move here that none of its runs takes.

            """;

    private SagaStatesPage() {}

    static String generate() {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        page.append("## Sagas\n\n```mermaid\nstateDiagram-v2\n    [*] --> RUNNING\n");
        SagaTransitions.ALL.forEach(move -> page.append("    ")
                .append(move.from())
                .append(" --> ")
                .append(move.to())
                .append(": ")
                .append(move.because())
                .append('\n'));
        page.append("    COMPLETED --> [*]\n    COMPENSATED --> [*]\n```\n\n");
        page.append(
                "## Steps\n\nA step that is `PENDING`, `SKIPPED`, `REFUSED`, `UNDONE` or, in a completed saga, `DONE` can be"
                        + " at its end.\n\n```mermaid\nstateDiagram-v2\n    [*] --> PENDING\n");
        steps().forEach((move, events) ->
                page.append("    ").append(move).append(": ").append(events).append('\n'));
        page.append("```\n");
        return page.toString();
    }

    /** One arrow for all that leads from one state to another. */
    private static Map<String, String> steps() {
        return StepTransitions.ALL.stream()
                .collect(Collectors.groupingBy(
                        move -> move.from() + " --> " + move.to(),
                        LinkedHashMap::new,
                        Collectors.mapping(
                                move -> move.event()
                                        .name()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', ' '),
                                Collectors.joining(", "))));
    }
}
