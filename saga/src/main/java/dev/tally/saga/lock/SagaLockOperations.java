package dev.tally.saga.lock;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is done to locks beside the sagas that use them. Everything happens in the current transaction; who has got a lock by it
 * is to be waked in the same one, see {@link LockKeeper}. Thread-safe.
 *
 * @since 0.1
 */
public interface SagaLockOperations {

    /**
     * The locks that sagas have.
     *
     * @param limit how many at most, those that are had for longest first
     */
    List<HeldLock> locks(int limit);

    /** A lock, or empty if nobody has it. */
    Optional<HeldLock> find(String resource);

    /**
     * Passes locks whose lease is over, and for which somebody waits, to the first who does.
     *
     * @param limit how many locks at most, the earliest first
     * @return the sagas that have got a lock by that
     */
    List<String> passExpired(Instant now, int limit);

    /**
     * Takes a lock from its owner, which goes on without it, and passes it to the one that waits first.
     *
     * @param owner who has to have it
     * @return the saga that has got it by that; empty if nobody waited
     * @throws LockNotHeldException if {@code owner} does not have it (any more); nothing was changed
     */
    Optional<String> release(String resource, String owner, Instant now);
}
