package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.ParentStep;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes what is kept of sagas where nothing of them runs. */
final class StoredSagas {

    private StoredSagas() {}

    /** A saga that has not begun; its first version is 1. */
    static StoredSaga unborn(
            SagaDefinition<?> definition,
            String id,
            String businessKey,
            String data,
            @Nullable ParentStep parent,
            Instant now) {
        Duration deadline = definition.deadline();
        return new StoredSaga(
                id,
                definition.name(),
                definition.version(),
                definition.fingerprint(),
                businessKey,
                SagaState.RUNNING,
                false,
                null,
                0,
                Map.of(),
                data,
                parent,
                now,
                deadline == null ? null : now.plus(deadline),
                null,
                null);
    }

    static StoredSaga parked(StoredSaga saga, Parking parking) {
        return new StoredSaga(
                saga.id(),
                saga.name(),
                saga.definitionVersion(),
                saga.fingerprint(),
                saga.businessKey(),
                SagaState.PARKED,
                saga.backward(),
                parking,
                saga.version() + 1,
                saga.steps(),
                saga.data(),
                saga.parent(),
                saga.startedAt(),
                saga.deadlineAt(),
                null,
                null);
    }

    static HistoryEntry parkedHistory(StoredSaga before, Parking parking, Instant now) {
        SagaEvent event = new SagaEvent(
                SagaState.PARKED.name(),
                null,
                before.state().name(),
                SagaState.PARKED.name(),
                0,
                parking.kind() + ": " + parking.reason());
        return new HistoryEntry(before.id(), before.version() + 1, now, List.of(event), null, null, null);
    }

    /** The saga in another version of its definition. */
    static StoredSaga migrated(
            StoredSaga saga, SagaDefinition<?> definition, String data, Map<String, String> newNames) {
        Map<String, StepProgress> steps = new LinkedHashMap<>();
        saga.steps().forEach((name, progress) -> {
            String newName = newNames.get(name);
            if (newName != null) {
                steps.put(newName, progress);
            }
        });
        return new StoredSaga(
                saga.id(),
                saga.name(),
                definition.version(),
                definition.fingerprint(),
                saga.businessKey(),
                saga.state(),
                saga.backward(),
                saga.parking(),
                saga.version(),
                steps,
                data,
                saga.parent(),
                saga.startedAt(),
                saga.deadlineAt(),
                saga.wakeAt(),
                saga.endedAt());
    }
}
