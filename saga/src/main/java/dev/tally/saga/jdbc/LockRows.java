package dev.tally.saga.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** The rows of locks and of who waits for them. What is said to be locked is read as committed last, not from a snapshot. Thread-safe. */
final class LockRows {

    private static final String LOCK = "SELECT resource, owner, lease_until, contended FROM tally_saga_lock";
    private static final String WAITER = "SELECT resource, place, saga_id, lease_millis FROM tally_saga_lock_waiter";

    private final JdbcTemplate jdbc;
    private final InsertIfAbsent insert;
    private final InsertIfAbsent insertQueue;

    LockRows(JdbcTemplate jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        this.insert = new InsertIfAbsent(
                dialect,
                "INSERT INTO tally_saga_lock (resource, owner, acquired_at, lease_until, contended)"
                        + " VALUES (?, ?, ?, ?, 0)");
        this.insertQueue = new InsertIfAbsent(dialect, "INSERT INTO tally_saga_lock_queue (id, places) VALUES (1, 0)");
    }

    record Lock(String resource, String owner, long leaseUntil, boolean isContended) {}

    record Waiter(String resource, long place, String sagaId, long leaseMillis) {}

    /**
     * Locks the queues: whoever adds, takes or passes where somebody waits is the only one to do so until its transaction
     * ends. The row is written, so that a transaction with a snapshot from before another's change fails here.
     *
     * @return a place behind all that were given out
     */
    long lockQueues() {
        String next = "UPDATE tally_saga_lock_queue SET places = places + 1 WHERE id = 1";
        if (jdbc.update(next) == 0) {
            boolean unused = insertQueue.insert(jdbc);
            jdbc.update(next);
        }
        Long place = jdbc.queryForObject("SELECT places FROM tally_saga_lock_queue WHERE id = 1", Long.class);
        return place == null ? 0 : place;
    }

    /** Adds a lock for which nobody waits, unless it is there. */
    boolean insert(String resource, String owner, long now, long leaseUntil) {
        return insert.insert(jdbc, resource, owner, now, leaseUntil);
    }

    /** Who has a lock, without locking anything; perhaps not any more. */
    @Nullable String ownerOf(String resource) {
        return jdbc
                .queryForList("SELECT owner FROM tally_saga_lock WHERE resource = ?", String.class, resource)
                .stream()
                .findFirst()
                .orElse(null);
    }

    /** Whether it seems, without locking anything, that a saga waits or is waited for. */
    boolean isInAQueue(String sagaId) {
        Integer found = jdbc.queryForObject(
                "SELECT (SELECT COUNT(*) FROM tally_saga_lock WHERE owner = ? AND contended <> 0)"
                        + " + (SELECT COUNT(*) FROM tally_saga_lock_waiter WHERE saga_id = ?)",
                Integer.class,
                sagaId,
                sagaId);
        return found != null && found > 0;
    }

    @Nullable Lock lock(String resource) {
        return locks(LOCK + " WHERE resource = ? FOR UPDATE", resource).stream()
                .findFirst()
                .orElse(null);
    }

    List<Lock> lockAllOf(String owner) {
        return locks(LOCK + " WHERE owner = ? ORDER BY resource FOR UPDATE", owner);
    }

    /** The resources of locks that are over and for which somebody waits, the earliest first, without locking anything. */
    List<String> expired(long now, int limit) {
        return jdbc.queryForList(
                "SELECT resource FROM tally_saga_lock WHERE contended = 1 AND lease_until <= ?"
                        + " ORDER BY lease_until LIMIT ?",
                String.class,
                now,
                limit);
    }

    private List<Lock> locks(String query, Object... arguments) {
        return jdbc.query(
                query,
                (row, number) -> new Lock(
                        row.getString("resource"),
                        row.getString("owner"),
                        row.getLong("lease_until"),
                        row.getInt("contended") != 0),
                arguments);
    }

    void renew(String resource, long leaseUntil) {
        jdbc.update("UPDATE tally_saga_lock SET lease_until = ? WHERE resource = ?", leaseUntil, resource);
    }

    void give(String resource, String owner, long now, long leaseUntil, boolean contended) {
        jdbc.update(
                "UPDATE tally_saga_lock SET owner = ?, acquired_at = ?, lease_until = ?, contended = ?"
                        + " WHERE resource = ?",
                owner,
                now,
                leaseUntil,
                contended ? 1 : 0,
                resource);
    }

    /** Nobody waits for it. */
    void calm(String resource) {
        jdbc.update("UPDATE tally_saga_lock SET contended = 0 WHERE resource = ?", resource);
    }

    /** Passes a lock to who waits first; empty if nobody does. For who has the queues and the lock's row locked. */
    Optional<Waiter> pass(Lock lock, long now) {
        Optional<Waiter> first = first(lock.resource());
        first.ifPresent(waiter -> {
            removeWaiters(List.of(waiter));
            boolean contended = first(lock.resource()).isPresent();
            give(lock.resource(), waiter.sagaId(), now, now + waiter.leaseMillis(), contended);
        });
        return first;
    }

    void delete(List<String> resources) {
        jdbc.batchUpdate(
                "DELETE FROM tally_saga_lock WHERE resource = ?",
                resources.stream().map(resource -> new Object[] {resource}).toList());
    }

    /** The first who waits; locked. */
    Optional<Waiter> first(String resource) {
        return waiters(WAITER + " WHERE resource = ? ORDER BY place LIMIT 1 FOR UPDATE", resource).stream()
                .findFirst();
    }

    /** For what a saga waits; locked. */
    List<Waiter> waitsOf(String sagaId) {
        return waiters(WAITER + " WHERE saga_id = ? ORDER BY resource FOR UPDATE", sagaId);
    }

    private List<Waiter> waiters(String query, Object... arguments) {
        return jdbc.query(
                query,
                (row, number) -> new Waiter(
                        row.getString("resource"),
                        row.getLong("place"),
                        row.getString("saga_id"),
                        row.getLong("lease_millis")),
                arguments);
    }

    void addWaiter(Waiter waiter, long now) {
        jdbc.update(
                "INSERT INTO tally_saga_lock_waiter (resource, place, saga_id, since, lease_millis)"
                        + " VALUES (?, ?, ?, ?, ?)",
                waiter.resource(),
                waiter.place(),
                waiter.sagaId(),
                now,
                waiter.leaseMillis());
        jdbc.update("UPDATE tally_saga_lock SET contended = 1 WHERE resource = ?", waiter.resource());
    }

    void removeWaiters(List<Waiter> waiters) {
        jdbc.batchUpdate(
                "DELETE FROM tally_saga_lock_waiter WHERE resource = ? AND place = ?",
                waiters.stream()
                        .map(waiter -> new Object[] {waiter.resource(), waiter.place()})
                        .toList());
    }
}
