package dev.tally.saga.jdbc;

import dev.tally.jdbc.Dialect;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Who waits for whom. A saga waits for the owner of each lock in whose queue it is, and for those before it in that queue: one
 * of them will be the owner. So a lock that passes to the first in its queue makes nobody wait for anyone new, and a circle
 * can be closed only by who joins a queue. To be asked by who has the queues locked. Thread-safe.
 */
final class WaitForGraph {

    /** More sagas than that are not followed. */
    static final int MOST_FOLLOWED = 10_000;

    /** Sagas named by one statement at most. */
    private static final int CHUNK = 250;

    private final JdbcTemplate jdbc;
    private final String upToDate;

    WaitForGraph(JdbcTemplate jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        // Elsewhere, a transaction that does not see what is committed by now has failed when it locked the queues.
        this.upToDate = dialect.isMySqlFamily() ? " LOCK IN SHARE MODE" : "";
    }

    /**
     * Whether the owner of a lock, or somebody who waits for it, waits for {@code sagaId}, over whatever others. Follows those
     * who wait for {@code sagaId}, level by level: mostly nobody does. If they are more than {@link #MOST_FOLLOWED}, the
     * answer is yes: a wait that is refused can be tried again, a deadlock that was not found stands until a lease is over.
     */
    boolean wouldClose(String sagaId, String resource, String owner) {
        Set<String> seen = new HashSet<>(Set.of(sagaId));
        List<String> level = List.of(sagaId);
        while (!level.isEmpty()) {
            Set<String> next = new HashSet<>();
            for (int from = 0; from < level.size(); from += CHUNK) {
                next.addAll(waitingFor(level.subList(from, Math.min(from + CHUNK, level.size()))));
            }
            next.removeAll(seen);
            if (next.contains(owner) || seen.size() + next.size() > MOST_FOLLOWED) {
                return true;
            }
            level = List.copyOf(next);
            for (int from = 0; from < level.size(); from += CHUNK) {
                if (isAnyWaiting(resource, level.subList(from, Math.min(from + CHUNK, level.size())))) {
                    return true;
                }
            }
            seen.addAll(level);
        }
        return false;
    }

    private Set<String> waitingFor(List<String> sagas) {
        String named = " IN (" + JdbcSagaStore.marks(sagas.size()) + ")";
        Set<String> waiting = new HashSet<>(jdbc.queryForList(
                "SELECT w.saga_id FROM tally_saga_lock l JOIN tally_saga_lock_waiter w ON w.resource = l.resource"
                        + " WHERE l.owner" + named + upToDate,
                String.class,
                sagas.toArray()));
        waiting.addAll(jdbc.queryForList(
                "SELECT w.saga_id FROM tally_saga_lock_waiter b JOIN tally_saga_lock_waiter w"
                        + " ON w.resource = b.resource AND w.place > b.place WHERE b.saga_id" + named + upToDate,
                String.class,
                sagas.toArray()));
        return waiting;
    }

    private boolean isAnyWaiting(String resource, List<String> sagas) {
        List<Object> arguments = new ArrayList<>(List.of(resource));
        arguments.addAll(sagas);
        return !jdbc.queryForList(
                        "SELECT saga_id FROM tally_saga_lock_waiter WHERE resource = ? AND saga_id IN ("
                                + JdbcSagaStore.marks(sagas.size()) + ")" + upToDate,
                        String.class,
                        arguments.toArray())
                .isEmpty();
    }
}
