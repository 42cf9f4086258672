package dev.tally.saga.lock;

import java.time.Instant;
import java.util.List;

/**
 * A lock that a saga has.
 *
 * @param resource what is locked
 * @param owner the saga that has it
 * @param since from when on
 * @param leaseUntil from when on others may take it
 * @param waiters who waits for it, in order
 * @since 0.1
 */
public record HeldLock(String resource, String owner, Instant since, Instant leaseUntil, List<Waiter> waiters) {

    /**
     * A saga that waits for a lock.
     *
     * @param sagaId the saga
     * @param since from when on
     * @since 0.1
     */
    public record Waiter(String sagaId, Instant since) {}
}
