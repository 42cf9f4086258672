package dev.tally.saga.store;

import dev.tally.saga.SagaState;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A saga as it is kept. Times are to the millisecond.
 *
 * @param id unique, at most 64 characters
 * @param name the name of its definition
 * @param definitionVersion the version with which it runs
 * @param fingerprint of that definition
 * @param businessKey what it is about; unique for its name, at most 255 characters
 * @param state where it is
 * @param backward whether it is on its way back
 * @param parking why it waits for a person; {@code null} unless it is parked
 * @param version how often it was changed; each change is guarded by it
 * @param steps its steps that have begun or were left out, by name
 * @param data its data as JSON
 * @param parent the step for which it runs, or {@code null}
 * @param startedAt when it began
 * @param deadlineAt when it goes its way back; {@code null} if never, or if that time has come
 * @param wakeAt when something has to be done without an answer; {@code null} for never
 * @param endedAt when it ended, or {@code null}
 * @since 0.1
 */
public record StoredSaga(
        String id,
        String name,
        int definitionVersion,
        String fingerprint,
        String businessKey,
        SagaState state,
        boolean backward,
        @Nullable Parking parking,
        long version,
        Map<String, StepProgress> steps,
        String data,
        @Nullable ParentStep parent,
        Instant startedAt,
        @Nullable Instant deadlineAt,
        @Nullable Instant wakeAt,
        @Nullable Instant endedAt) {

    /** The step's progress. */
    public StepProgress step(String step) {
        return steps.getOrDefault(step, StepProgress.PENDING);
    }

    /** Name and id, for errors and logs. */
    public String title() {
        return name + "/" + id;
    }
}
