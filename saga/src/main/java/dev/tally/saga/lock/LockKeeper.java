package dev.tally.saga.lock;

import dev.tally.audit.AuditEntry;
import dev.tally.audit.AuditLog;
import dev.tally.saga.store.SagaStore;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sees to locks beside the sagas that use them: passes on what was kept for too long, and what a person takes away; wakes who
 * has got a lock by it, in the same transaction. Thread-safe.
 *
 * <p>A saga that waits for a lock has no time-out of its own. So where sagas may wait, {@link #passExpired} is to be called
 * again and again, on one node at least: it is what notices that an owner has not ended within its lease.
 *
 * @since 0.1
 */
public final class LockKeeper {

    private final SagaLockOperations locks;
    private final SagaStore store;
    private final AuditLog audit;
    private final InstantSource clock;
    private final TransactionTemplate transaction;

    /**
     * Creates the keeper.
     *
     * @param store of the sagas that have the locks, in the same data source
     * @param transactions of that data source
     */
    public LockKeeper(
            SagaLockOperations locks,
            SagaStore store,
            AuditLog audit,
            PlatformTransactionManager transactions,
            InstantSource clock) {
        this.locks = locks;
        this.store = store;
        this.audit = audit;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
        transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
    }

    /**
     * Passes locks whose lease is over to those that wait, in a transaction of its own.
     *
     * @param limit how many locks at most
     * @return how many sagas have got a lock
     */
    public int passExpired(int limit) {
        Integer passed = transaction.execute(status -> {
            Instant now = now();
            List<String> sagas = locks.passExpired(now, limit);
            sagas.forEach(saga -> store.wake(saga, now));
            return sagas.size();
        });
        return passed == null ? 0 : passed;
    }

    /** The locks that sagas have, those that are had for longest first. */
    public List<HeldLock> locks(int limit) {
        return locks.locks(limit);
    }

    /** A lock, or empty if nobody has it. */
    public Optional<HeldLock> find(String resource) {
        return locks.find(resource);
    }

    /**
     * Takes a lock from its owner, in a transaction of its own. For a saga that will not end, or not in time; it goes on
     * without the lock if it goes on.
     *
     * @param owner who has to have it, as {@link #find} said
     * @param actor who does it
     * @param reason why; both are kept in the audit log
     * @return the saga that has it now; empty if nobody waited
     * @throws LockNotHeldException if {@code owner} does not have it; nothing was changed
     */
    public Optional<String> release(String resource, String owner, String actor, String reason) {
        return Objects.requireNonNull(transaction.execute(status -> {
            Instant now = now();
            Optional<String> next = locks.release(resource, owner, now);
            next.ifPresent(saga -> store.wake(saga, now));
            audit.record(new AuditEntry(
                    actor,
                    "release-saga-lock",
                    resource,
                    reason,
                    "taken from saga " + owner
                            + next.map(saga -> ", saga " + saga + " has it now").orElse("")));
            return next;
        }));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
