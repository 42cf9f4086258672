package dev.tally.saga;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is told what happens to sagas, for meters and alerts. Called within the transaction that does it, which may be rolled back
 * and tried again: a hint, not a record; the record is the history. Must not throw, and must not wait.
 *
 * @since 0.1
 */
public interface SagaListener {

    /** Nobody listens. */
    SagaListener NONE = new SagaListener() {};

    /** A saga was started. */
    default void started(String saga) {}

    /** A saga has ended. */
    default void ended(String saga, SagaState end, Duration took) {}

    /** A saga waits for a person. */
    default void parked(String saga, String sagaId, String reason) {}

    /** A step moved. */
    default void stepMoved(String saga, String step, StepState to, @Nullable String reason) {}

    /** An answer came that changed nothing. */
    default void stray(String saga, String sagaId, String why) {}

    /** A saga's deadline has passed, and it goes on. */
    default void overdue(String saga, String sagaId) {}
}
