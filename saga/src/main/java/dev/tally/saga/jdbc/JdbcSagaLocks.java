package dev.tally.saga.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.saga.jdbc.LockRows.Lock;
import dev.tally.saga.jdbc.LockRows.Waiter;
import dev.tally.saga.lock.SagaLocks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Locks in the tables {@code tally_saga_lock} and {@code tally_saga_lock_waiter}.
 *
 * <ol>
 *   <li>A lock that nobody has is a row that is not there: it is taken by inserting it, and given back by deleting it. Such
 *       transactions have nothing to do with one another.
 *   <li>Whatever happens where somebody waits happens one transaction at a time: {@link LockRows#lockQueues} first, the
 *       lock's row then. So who looks for a deadlock sees everybody who waits, and two who close a circle at the same moment
 *       are one behind the other.
 *   <li>Who gives a lock back and who joins its queue both have its row locked, so nobody is forgotten.
 * </ol>
 *
 * <p>Where a transaction takes several locks, or joins a queue whose lock was added a moment ago, the database may still see
 * two transactions wait for each other and give one up; as everywhere, that one is to be done anew. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcSagaLocks implements SagaLocks {

    private static final Logger log = LoggerFactory.getLogger(JdbcSagaLocks.class);

    private static final int LONGEST_RESOURCE = 255;

    /** Each time somebody else took the lock and gave it back in between. */
    private static final int TRIES = 10;

    private final LockRows rows;
    private final WaitForGraph graph;

    /** Creates the locks of one data source. */
    public JdbcSagaLocks(DataSource dataSource, Dialect dialect) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        this.rows = new LockRows(jdbc, dialect);
        this.graph = new WaitForGraph(jdbc, dialect);
    }

    /** Who wants a lock. */
    private record Wish(String resource, String sagaId, boolean waits, long now, Duration lease) {

        long leaseUntil() {
            return now + lease.toMillis();
        }

        boolean isBy(String other) {
            return sagaId.equals(other);
        }
    }

    @Override
    public Outcome acquire(String resource, String sagaId, boolean waits, Instant now, Duration lease) {
        requireTransaction("acquire the lock '" + resource + "' for saga " + sagaId);
        if (resource.isEmpty() || resource.length() > LONGEST_RESOURCE || lease.isNegative() || lease.isZero()) {
            throw new IllegalArgumentException("Cannot acquire the lock '" + resource + "' for saga " + sagaId + " for "
                    + lease + ": its name must have 1 to " + LONGEST_RESOURCE
                    + " characters, and the lease must be positive; nothing was changed");
        }
        Wish wish = new Wish(resource, sagaId, waits, now.toEpochMilli(), lease);
        // Looked at first, since on InnoDB two who could not insert a row would keep each other from locking it.
        String owner = rows.ownerOf(resource);
        for (int i = 0; i < TRIES; i++) {
            if (owner == null && rows.insert(resource, sagaId, wish.now(), wish.leaseUntil())) {
                return Outcome.GRANTED;
            }
            Outcome outcome = waits && (owner == null || !wish.isBy(owner)) ? acquireInTurn(wish) : acquireFree(wish);
            if (outcome != null) {
                return outcome;
            }
            owner = null;
        }
        throw new CannotAcquireLockException("Cannot acquire the lock '" + resource + "' for saga " + sagaId
                + ": it changed hands " + TRIES + " times meanwhile; the transaction is to be done anew");
    }

    /** For who does not wait, or seems to have it; {@code null} if it is gone. */
    private @Nullable Outcome acquireFree(Wish wish) {
        Lock lock = rows.lock(wish.resource());
        if (lock == null) {
            return null;
        }
        if (wish.isBy(lock.owner())) {
            return renew(lock, wish);
        }
        if (lock.leaseUntil() > wish.now()) {
            return wish.waits() ? acquireInTurn(wish) : Outcome.TAKEN;
        }
        return acquireInTurn(wish);
    }

    /** {@code null} if it is gone. */
    private @Nullable Outcome acquireInTurn(Wish wish) {
        long place = rows.lockQueues();
        Lock lock = rows.lock(wish.resource());
        if (lock == null) {
            return null;
        }
        if (wish.isBy(lock.owner())) {
            return renew(lock, wish);
        }
        Optional<Waiter> first = rows.first(wish.resource());
        boolean isNext = first.map(waiter -> wish.isBy(waiter.sagaId())).orElse(true);
        if (lock.leaseUntil() <= wish.now() && isNext) {
            warnOfExpiry(lock, wish.sagaId());
            first.ifPresent(waiter -> rows.removeWaiters(List.of(waiter)));
            boolean contended = rows.first(wish.resource()).isPresent();
            rows.give(wish.resource(), wish.sagaId(), wish.now(), wish.leaseUntil(), contended);
            return Outcome.GRANTED;
        }
        if (!wish.waits()) {
            return Outcome.TAKEN;
        }
        if (rows.waitsOf(wish.sagaId()).stream()
                .anyMatch(waiter -> waiter.resource().equals(wish.resource()))) {
            return Outcome.QUEUED;
        }
        if (graph.wouldClose(wish.sagaId(), wish.resource(), lock.owner())) {
            return Outcome.DEADLOCK;
        }
        rows.addWaiter(
                new Waiter(wish.resource(), place, wish.sagaId(), wish.lease().toMillis()), wish.now());
        return Outcome.QUEUED;
    }

    /** Who asks again is alive; a lease gets longer by that, never shorter. */
    private Outcome renew(Lock lock, Wish wish) {
        if (wish.leaseUntil() > lock.leaseUntil()) {
            rows.renew(lock.resource(), wish.leaseUntil());
        }
        return Outcome.GRANTED;
    }

    @Override
    public List<String> releaseAll(String sagaId, Instant now) {
        requireTransaction("release the locks of saga " + sagaId);
        boolean inTurn = rows.isInAQueue(sagaId);
        if (inTurn) {
            rows.lockQueues();
        }
        List<Lock> locks = rows.lockAllOf(sagaId);
        List<Waiter> waits = rows.waitsOf(sagaId);
        if (!inTurn && (!waits.isEmpty() || locks.stream().anyMatch(Lock::isContended))) {
            rows.lockQueues();
        }
        rows.removeWaiters(waits);
        List<String> free = new ArrayList<>();
        TreeSet<String> passedTo = new TreeSet<>();
        for (Lock lock : locks) {
            Optional<Waiter> next = lock.isContended() ? rows.pass(lock, now.toEpochMilli()) : Optional.empty();
            next.ifPresentOrElse(waiter -> passedTo.add(waiter.sagaId()), () -> free.add(lock.resource()));
        }
        rows.delete(free);
        return List.copyOf(passedTo);
    }

    static void warnOfExpiry(Lock lock, String next) {
        log.warn(
                "the lease of a lock is over, another saga has the lock now resource={} sagaId={} nextSagaId={}",
                lock.resource(),
                lock.owner(),
                next);
    }

    static void requireTransaction(String what) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException(
                    "Cannot " + what + ": no transaction is active; nothing was changed");
        }
    }
}
