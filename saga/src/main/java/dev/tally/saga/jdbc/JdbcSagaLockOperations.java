package dev.tally.saga.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.saga.jdbc.LockRows.Lock;
import dev.tally.saga.lock.HeldLock;
import dev.tally.saga.lock.LockNotHeldException;
import dev.tally.saga.lock.SagaLockOperations;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What is done to the locks of {@link JdbcSagaLocks} beside the sagas that use them, by the same rules. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcSagaLockOperations implements SagaLockOperations {

    private static final String LOCKS = "SELECT resource, owner, acquired_at, lease_until FROM tally_saga_lock";

    private final JdbcTemplate jdbc;
    private final LockRows rows;

    /** Creates the operations of one data source. */
    public JdbcSagaLockOperations(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.rows = new LockRows(jdbc, dialect);
    }

    @Override
    public List<HeldLock> locks(int limit) {
        return held(LOCKS + " ORDER BY acquired_at, resource LIMIT ?", limit);
    }

    @Override
    public Optional<HeldLock> find(String resource) {
        return held(LOCKS + " WHERE resource = ?", resource).stream().findFirst();
    }

    private List<HeldLock> held(String query, Object argument) {
        return jdbc
                .query(
                        query,
                        (row, number) -> new HeldLock(
                                row.getString("resource"),
                                row.getString("owner"),
                                Instant.ofEpochMilli(row.getLong("acquired_at")),
                                Instant.ofEpochMilli(row.getLong("lease_until")),
                                List.of()),
                        argument)
                .stream()
                .map(this::withWaiters)
                .toList();
    }

    private HeldLock withWaiters(HeldLock lock) {
        List<HeldLock.Waiter> waiters = jdbc.query(
                "SELECT saga_id, since FROM tally_saga_lock_waiter WHERE resource = ? ORDER BY place",
                (row, number) ->
                        new HeldLock.Waiter(row.getString("saga_id"), Instant.ofEpochMilli(row.getLong("since"))),
                lock.resource());
        return new HeldLock(lock.resource(), lock.owner(), lock.since(), lock.leaseUntil(), List.copyOf(waiters));
    }

    @Override
    public List<String> passExpired(Instant now, int limit) {
        JdbcSagaLocks.requireTransaction("pass on locks whose lease is over");
        long time = now.toEpochMilli();
        List<String> expired = rows.expired(time, limit);
        if (expired.isEmpty()) {
            return List.of();
        }
        long unused = rows.lockQueues();
        TreeSet<String> passedTo = new TreeSet<>();
        for (String resource : new TreeSet<>(expired)) {
            Lock lock = rows.lock(resource);
            // Meanwhile it may have been given back, or renewed.
            if (lock != null && lock.leaseUntil() <= time) {
                rows.pass(lock, time)
                        .ifPresentOrElse(
                                waiter -> {
                                    JdbcSagaLocks.warnOfExpiry(lock, waiter.sagaId());
                                    passedTo.add(waiter.sagaId());
                                },
                                () -> rows.calm(resource));
            }
        }
        return List.copyOf(passedTo);
    }

    @Override
    public Optional<String> release(String resource, String owner, Instant now) {
        JdbcSagaLocks.requireTransaction("take the lock '" + resource + "' from saga " + owner);
        long unused = rows.lockQueues();
        Lock lock = rows.lock(resource);
        if (lock == null || !lock.owner().equals(owner)) {
            throw new LockNotHeldException("Cannot take the lock '" + resource + "' from saga " + owner + ": "
                    + (lock == null ? "nobody has it" : "saga " + lock.owner() + " has it") + "; nothing was changed");
        }
        Optional<String> next = rows.pass(lock, now.toEpochMilli()).map(LockRows.Waiter::sagaId);
        if (next.isEmpty()) {
            rows.delete(List.of(resource));
        }
        return next;
    }
}
