package dev.tally.saga.jdbc;

import dev.tally.saga.StepState;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StepProgress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The columns that are JSON. Thread-safe. */
final class SagaJson {

    private static final TypeReference<LinkedHashMap<String, Kept>> STEPS = new TypeReference<>() {};
    private static final TypeReference<List<SagaEvent>> EVENTS = new TypeReference<>() {};

    private final JsonMapper mapper = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion ->
                    inclusion.withValueInclusion(com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL))
            .build();

    /** A step's progress with short names, since every change writes all of them. */
    private record Kept(
            String s,
            @Nullable Integer a,
            @Nullable Integer u,
            @Nullable Integer b,
            @Nullable Long due,
            @Nullable String label,
            @Nullable String why) {

        static Kept of(StepProgress progress) {
            return new Kept(
                    progress.state().name(),
                    orNull(progress.attempt()),
                    orNull(progress.undoAttempt()),
                    orNull(progress.budgetFrom()),
                    progress.due() == null ? null : progress.due().toEpochMilli(),
                    progress.label(),
                    progress.reason());
        }

        private static @Nullable Integer orNull(int number) {
            return number == 0 ? null : number;
        }

        private static int orZero(@Nullable Integer number) {
            return number == null ? 0 : number;
        }

        StepProgress progress() {
            return new StepProgress(
                    StepState.valueOf(s),
                    orZero(a),
                    orZero(u),
                    orZero(b),
                    due == null ? null : Instant.ofEpochMilli(due),
                    label,
                    why);
        }
    }

    String steps(Map<String, StepProgress> steps) {
        Map<String, Kept> kept = new LinkedHashMap<>();
        steps.forEach((name, progress) -> kept.put(name, Kept.of(progress)));
        return mapper.writeValueAsString(kept);
    }

    Map<String, StepProgress> steps(String json) {
        Map<String, StepProgress> steps = new LinkedHashMap<>();
        mapper.readValue(json, STEPS).forEach((name, kept) -> steps.put(name, kept.progress()));
        return steps;
    }

    String events(List<SagaEvent> events) {
        return mapper.writeValueAsString(events);
    }

    List<SagaEvent> events(String json) {
        return mapper.readValue(json, EVENTS);
    }
}
