package dev.tally.saga.lock;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Locks that sagas have until they end. Everything happens in the current transaction. Thread-safe.
 *
 * @since 0.1
 */
public interface SagaLocks {

    /** What came of wanting a lock. */
    enum Outcome {
        /** The saga has it. */
        GRANTED,
        /** The saga waits for its turn. */
        QUEUED,
        /** Another saga has it. */
        TAKEN,
        /** The saga would wait for one that waits for it. */
        DEADLOCK
    }

    /**
     * Wants a lock. To be called again by a saga that waits; one that has the lock already gets it.
     *
     * @param resource what is locked, at most 255 characters
     * @param sagaId who wants it
     * @param waits whether it waits for its turn if another has it
     * @param now the time
     * @param lease after how long others may take it
     */
    Outcome acquire(String resource, String sagaId, boolean waits, Instant now, Duration lease);

    /**
     * Gives back everything that a saga has or waits for. Each lock passes to the one that waits first.
     *
     * @return the sagas that have got a lock by that
     */
    List<String> releaseAll(String sagaId, Instant now);
}
