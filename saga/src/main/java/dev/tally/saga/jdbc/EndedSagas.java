package dev.tally.saga.jdbc;

import dev.tally.jdbc.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Removes ended sagas, and what has arrived for sagas that are gone. Like {@code PurgeBatch}, which sees to one table only:
 * rows are chosen without locks, locked in the order of their keys, and left for the next time if somebody else has them.
 * Thread-safe.
 */
final class EndedSagas {

    private static final String CANDIDATES =
            "SELECT saga_id FROM tally_saga WHERE ended_at < ? ORDER BY ended_at LIMIT ?";
    private static final String STRAYS = "SELECT m.saga_id, m.mail_id FROM tally_saga_mail m WHERE m.kind = 'STRAY'"
            + " AND m.at < ? AND NOT EXISTS (SELECT 1 FROM tally_saga s WHERE s.saga_id = m.saga_id)"
            + " ORDER BY m.at LIMIT ?";

    private final JdbcTemplate jdbc;
    private final Dialect dialect;

    EndedSagas(JdbcTemplate jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        this.dialect = dialect;
    }

    int purge(long limit, int batch) {
        List<Object> candidates =
                new ArrayList<>(new TreeSet<>(jdbc.queryForList(CANDIDATES, String.class, limit, batch)));
        List<Object[]> ids = List.of();
        if (!candidates.isEmpty()) {
            String condition = "saga_id IN (" + JdbcSagaStore.marks(candidates.size()) + ") AND ended_at < ?";
            candidates.add(limit);
            ids = jdbc.query(
                    dialect.lockByPrimaryKey("saga_id", "tally_saga", condition),
                    (row, number) -> new Object[] {row.getString("saga_id")},
                    candidates.toArray());
        }
        if (!ids.isEmpty()) {
            deleteOf(ids, "tally_saga_history", "version");
            deleteOf(ids, "tally_saga_mail", "mail_id");
            jdbc.batchUpdate(dialect.deleteByPrimaryKey("tally_saga") + " WHERE saga_id = ?", ids);
        }
        purgeStrays(limit, batch);
        return ids.size();
    }

    /** By whole keys: by a part of them InnoDB would lock the gaps between, in which others add rows. */
    private void deleteOf(List<Object[]> ids, String table, String column) {
        List<Object[]> keys = jdbc.query(
                "SELECT saga_id, " + column + " FROM " + table + " WHERE saga_id IN (" + JdbcSagaStore.marks(ids.size())
                        + ") ORDER BY saga_id, " + column,
                (row, number) -> new Object[] {row.getString("saga_id"), row.getObject(column)},
                ids.stream().map(id -> id[0]).toArray());
        if (!keys.isEmpty()) {
            jdbc.batchUpdate(dialect.deleteByPrimaryKey(table) + " WHERE saga_id = ? AND " + column + " = ?", keys);
        }
    }

    private void purgeStrays(long limit, int batch) {
        List<Object[]> strays = jdbc.query(
                STRAYS,
                (row, number) -> new Object[] {row.getString("saga_id"), row.getString("mail_id")},
                limit,
                batch);
        if (!strays.isEmpty()) {
            jdbc.batchUpdate(
                    dialect.deleteByPrimaryKey("tally_saga_mail") + " WHERE saga_id = ? AND mail_id = ?", strays);
        }
    }
}
