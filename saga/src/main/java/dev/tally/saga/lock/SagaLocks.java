package dev.tally.saga.lock;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Locks that sagas have until they end. Everything happens in the current transaction. Thread-safe.
 *
 * <p>A lock is had until its owner ends, and no longer than its lease if others want it: then it is somebody else's, and its
 * owner, if it is alive after all, goes on without it. So leases have to be longer than sagas take; what must not happen even
 * then is for {@link Countermeasures#requireVersion} to keep away.
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
     * Wants a lock. To be called again by a saga that waits; one that has the lock already gets it, and its lease begins anew,
     * unless it would end earlier by that. First come, first served: also a lock whose lease is over goes to those that wait
     * before others.
     *
     * @param resource what is locked, at most 255 characters
     * @param sagaId who wants it
     * @param waits whether it waits for its turn if another has it
     * @param now the time
     * @param lease after how long others may take it; for who waits, from when it gets the lock
     * @throws IllegalArgumentException if the resource's name is too long or empty, or the lease not positive
     */
    Outcome acquire(String resource, String sagaId, boolean waits, Instant now, Duration lease);

    /**
     * Gives back everything that a saga has or waits for. Each lock passes to the one that waits first.
     *
     * @return the sagas that have got a lock by that
     */
    List<String> releaseAll(String sagaId, Instant now);
}
