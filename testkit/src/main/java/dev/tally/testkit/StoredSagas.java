package dev.tally.testkit;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.store.Body;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sagas for tests of what keeps them. */
final class StoredSagas {

    static final Instant T0 = Instant.parse("2030-01-02T03:04:05.678Z");

    private StoredSagas() {}

    /** One of version 1 that runs, and has nothing to wake for. */
    static StoredSaga saga(String id) {
        return new StoredSaga(
                id,
                "order",
                1,
                "f1",
                "key-" + id,
                SagaState.RUNNING,
                false,
                null,
                1,
                Map.of(),
                "{}",
                null,
                T0,
                null,
                null,
                null);
    }

    static StoredSaga waking(StoredSaga saga, @Nullable Instant wakeAt) {
        return change(saga, saga.state(), saga.parking(), saga.version(), saga.steps(), wakeAt, saga.endedAt());
    }

    static StoredSaga parked(StoredSaga saga, Parking.Kind kind) {
        Parking parking = new Parking(kind, "why");
        return change(saga, SagaState.PARKED, parking, saga.version(), saga.steps(), null, null);
    }

    static StoredSaga ended(StoredSaga saga, Instant endedAt) {
        return change(saga, SagaState.COMPLETED, null, saga.version(), saga.steps(), null, endedAt);
    }

    /** The next version of it, with one step more that is done. */
    static StoredSaga next(StoredSaga saga, String step) {
        Map<String, StepProgress> steps = new LinkedHashMap<>(saga.steps());
        steps.put(step, StepProgress.PENDING.nextAttempt().in(StepState.DONE));
        return change(saga, saga.state(), saga.parking(), saga.version() + 1, steps, saga.wakeAt(), saga.endedAt());
    }

    private static StoredSaga change(
            StoredSaga saga,
            SagaState state,
            @Nullable Parking parking,
            long version,
            Map<String, StepProgress> steps,
            @Nullable Instant wakeAt,
            @Nullable Instant endedAt) {
        return new StoredSaga(
                saga.id(),
                saga.name(),
                saga.definitionVersion(),
                saga.fingerprint(),
                saga.businessKey(),
                state,
                saga.backward(),
                parking,
                version,
                steps,
                saga.data(),
                saga.parent(),
                saga.startedAt(),
                saga.deadlineAt(),
                wakeAt,
                endedAt);
    }

    /** One of another name, version and fingerprint. */
    static StoredSaga renamed(StoredSaga saga, String name, int version, String fingerprint) {
        return new StoredSaga(
                saga.id(),
                name,
                version,
                fingerprint,
                saga.businessKey(),
                saga.state(),
                saga.backward(),
                saga.parking(),
                saga.version(),
                saga.steps(),
                saga.data(),
                saga.parent(),
                saga.startedAt(),
                saga.deadlineAt(),
                saga.wakeAt(),
                saga.endedAt());
    }

    static HistoryEntry history(StoredSaga saga) {
        return new HistoryEntry(
                saga.id(),
                saga.version(),
                T0,
                List.of(new SagaEvent("started", null, null, null, 0, null)),
                null,
                null,
                saga.data());
    }

    static Mail mail(String sagaId, String id, Mail.Kind kind, String name, Instant at) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        return new Mail(id, sagaId, kind, name, Map.of("h", "größe €"), new Body("type", bytes), null, at);
    }
}
