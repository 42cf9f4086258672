package dev.tally.saga.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.saga.store.StoredSaga;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Claims sagas whose time has come.
 *
 * <ol>
 *   <li>The earliest ones are found without locks, each version by its part of the index: what is due of versions that
 *       nobody here can run costs nothing.
 *   <li>They are locked by their primary keys. What another node has locked is left out, and so is what it has seen to
 *       meanwhile.
 *   <li>If that was not enough, more of them are looked at: several nodes find their work behind one another. {@link
 *       #WINDOWS} bounds how far.
 * </ol>
 *
 * <p>One statement for both would lock every due row on InnoDB. Thread-safe.
 */
final class DueSagas {

    /** How many are looked at, in multiples of those wanted: as many nodes as the last one says find work at one moment. */
    private static final int[] WINDOWS = {1, 4, 16};

    private final JdbcTemplate jdbc;
    private final Dialect dialect;
    private final SagaRows rows;

    DueSagas(JdbcTemplate jdbc, Dialect dialect, SagaRows rows) {
        this.jdbc = jdbc;
        this.dialect = dialect;
        this.rows = rows;
    }

    List<StoredSaga> lock(String name, Set<Integer> versions, long now, int limit) {
        List<StoredSaga> locked = new ArrayList<>();
        Set<String> tried = new LinkedHashSet<>();
        for (int window : WINDOWS) {
            int asked = Math.multiplyExact(limit, window);
            List<String> candidates = versions.isEmpty() ? List.of() : candidates(name, versions, now, asked);
            List<String> untried =
                    candidates.stream().filter(id -> !tried.contains(id)).toList();
            for (int from = 0; from < untried.size() && locked.size() < limit; ) {
                int until = Math.min(from + limit - locked.size(), untried.size());
                List<String> next = untried.subList(from, until);
                tried.addAll(next);
                locked.addAll(lock(next, versions, now));
                from = until;
            }
            if (locked.size() >= limit || candidates.size() < asked) {
                break;
            }
        }
        locked.sort(Comparator.comparing(saga -> Objects.requireNonNull(saga.wakeAt())));
        return locked;
    }

    private record Candidate(String id, long wakeAt) {}

    private List<String> candidates(String name, Set<Integer> versions, long now, int limit) {
        String ofOneVersion = "(SELECT saga_id, wake_at FROM tally_saga WHERE saga_name = ? AND definition_version = ?"
                + " AND wake_at <= ? ORDER BY wake_at LIMIT ?)";
        List<Object> arguments = new ArrayList<>();
        for (Integer version : versions) {
            Collections.addAll(arguments, name, version, now, limit);
        }
        return jdbc
                .query(
                        String.join(" UNION ALL ", Collections.nCopies(versions.size(), ofOneVersion)),
                        (row, number) -> new Candidate(row.getString("saga_id"), row.getLong("wake_at")),
                        arguments.toArray())
                .stream()
                .sorted(Comparator.comparingLong(Candidate::wakeAt))
                .limit(limit)
                .map(Candidate::id)
                .toList();
    }

    private List<StoredSaga> lock(List<String> ids, Set<Integer> versions, long now) {
        List<Object> arguments = new ArrayList<>(new TreeSet<>(ids));
        arguments.add(now);
        arguments.addAll(versions);
        String condition = "saga_id IN (" + JdbcSagaStore.marks(ids.size())
                + ") AND wake_at <= ? AND definition_version IN (" + JdbcSagaStore.marks(versions.size()) + ")";
        return jdbc.query(
                dialect.lockByPrimaryKey(JdbcSagaStore.ALL, "tally_saga", condition),
                (row, number) -> rows.saga(row),
                arguments.toArray());
    }
}
