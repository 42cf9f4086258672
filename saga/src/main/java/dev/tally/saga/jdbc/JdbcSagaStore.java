package dev.tally.saga.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.SagaStore;
import dev.tally.saga.store.StaleSagaException;
import dev.tally.saga.store.StoredSaga;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Sagas in the tables {@code tally_saga}, {@code tally_saga_history} and {@code tally_saga_mail}, through the connection that
 * Spring has bound to the transaction. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcSagaStore implements SagaStore {

    private static final String COLUMNS =
            "definition_version, fingerprint, state, backward, parked_kind, parked_reason, version, steps, data,"
                    + " deadline_at, wake_at, ended_at, parent_id, parent_step, parent_attempt, parent_undo";
    static final String ALL = "saga_id, saga_name, business_key, started_at, " + COLUMNS;
    private static final String SELECT = "SELECT " + ALL + " FROM tally_saga";
    private static final String INSERT =
            "INSERT INTO tally_saga (" + ALL + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String UPDATE = "UPDATE tally_saga SET definition_version = ?, fingerprint = ?, state = ?,"
            + " backward = ?, parked_kind = ?, parked_reason = ?, version = ?, steps = ?, data = ?, deadline_at = ?,"
            + " wake_at = ?, ended_at = ? WHERE saga_id = ? AND version = ?";
    private static final int UPDATED_COLUMNS = 12;
    private static final String INSERT_HISTORY =
            "INSERT INTO tally_saga_history (saga_id, version, at, events, actor, reason, data)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?)";
    private static final String INSERT_MAIL =
            "INSERT INTO tally_saga_mail (saga_id, mail_id, kind, name, headers, type, payload, why, at)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String SELECT_MAIL =
            "SELECT saga_id, mail_id, kind, name, headers, type, payload, why, at FROM tally_saga_mail";
    private static final String OLDEST_MAIL_FIRST = " ORDER BY at, mail_id";

    private final JdbcTemplate jdbc;
    private final Dialect dialect;
    private final SagaRows rows = new SagaRows(new SagaJson());
    private final DueSagas due;
    private final EndedSagas ended;
    private final String lock;
    private final InsertIfAbsent insert;
    private final InsertIfAbsent insertMail;

    /** Creates the store of one data source. */
    public JdbcSagaStore(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
        this.due = new DueSagas(jdbc, dialect, rows);
        this.ended = new EndedSagas(jdbc, dialect);
        // By any other way than the primary key InnoDB would lock what it looks at, too.
        this.lock = SELECT + (dialect.isMySqlFamily() ? " FORCE INDEX (PRIMARY)" : "");
        this.insert = new InsertIfAbsent(dialect, INSERT);
        this.insertMail = new InsertIfAbsent(dialect, INSERT_MAIL);
    }

    @Override
    public boolean insertNew(StoredSaga saga, HistoryEntry first) {
        Object[] key = {
            saga.id(), saga.name(), saga.businessKey(), saga.startedAt().toEpochMilli()
        };
        Object[] values = Stream.concat(Arrays.stream(key), Arrays.stream(rows.values(saga)))
                .toArray();
        if (!insert.insert(jdbc, new ArgumentPreparedStatementSetter(values))) {
            return false;
        }
        jdbc.update(INSERT_HISTORY, rows.values(first));
        return true;
    }

    @Override
    public Optional<StoredSaga> find(String id) {
        return one(SELECT + " WHERE saga_id = ?", id);
    }

    @Override
    public Optional<StoredSaga> find(String name, String businessKey) {
        return one(SELECT + " WHERE saga_name = ? AND business_key = ?", name, businessKey);
    }

    @Override
    public Optional<StoredSaga> findExisting(String name, String businessKey) {
        // A reading that locks is of now, whatever the transaction's snapshot.
        String lock = dialect.isMySqlFamily() ? " LOCK IN SHARE MODE" : "";
        return one(SELECT + " WHERE saga_name = ? AND business_key = ?" + lock, name, businessKey);
    }

    private Optional<StoredSaga> one(String query, Object... arguments) {
        return jdbc.query(query, (row, number) -> rows.saga(row), arguments).stream()
                .findFirst();
    }

    @Override
    public List<StoredSaga> lock(Collection<String> ids) {
        List<String> sorted = List.copyOf(new TreeSet<>(ids));
        if (sorted.isEmpty()) {
            return List.of();
        }
        return jdbc.query(
                lock + " WHERE saga_id IN (" + marks(sorted.size()) + ") ORDER BY saga_id FOR UPDATE",
                (row, number) -> rows.saga(row),
                sorted.toArray());
    }

    @Override
    public void save(List<StoredSaga> sagas, List<HistoryEntry> history) {
        if (!sagas.isEmpty()) {
            int[] updated =
                    jdbc.batchUpdate(UPDATE, sagas.stream().map(this::update).toList());
            for (int i = 0; i < updated.length; i++) {
                StoredSaga saga = sagas.get(i);
                if (updated[i] == 0 || (updated[i] == Statement.SUCCESS_NO_INFO && !isKept(saga))) {
                    throw new StaleSagaException("Cannot mark saga " + saga.title() + " " + saga.state()
                            + ": it is not at version " + (saga.version() - 1)
                            + " any more, somebody else has changed it; nothing was changed");
                }
            }
        }
        if (!history.isEmpty()) {
            jdbc.batchUpdate(INSERT_HISTORY, history.stream().map(rows::values).toList());
        }
    }

    /** For drivers that send a batch as one and do not say what became of each: whether it was this one that was kept. */
    private boolean isKept(StoredSaga saga) {
        return find(saga.id())
                .filter(found -> found.version() == saga.version()
                        && found.state() == saga.state()
                        && found.steps().equals(saga.steps())
                        && found.data().equals(saga.data()))
                .isPresent();
    }

    private Object[] update(StoredSaga saga) {
        Object[] values = Arrays.copyOf(rows.values(saga), UPDATED_COLUMNS + 2);
        values[UPDATED_COLUMNS] = saga.id();
        values[UPDATED_COLUMNS + 1] = saga.version() - 1;
        return values;
    }

    @Override
    public List<StoredSaga> lockDue(String name, Set<Integer> versions, Instant now, int limit) {
        return due.lock(name, versions, now.toEpochMilli(), limit);
    }

    @Override
    public void putMail(List<Mail> mail) {
        for (Mail each : mail) {
            boolean unused = insertMail.insert(jdbc, new ArgumentPreparedStatementSetter(rows.values(each)));
        }
    }

    @Override
    public List<Mail> mail(String sagaId, Mail.Kind kind, String name) {
        return jdbc.query(
                SELECT_MAIL + " WHERE saga_id = ? AND kind = ? AND name = ?" + OLDEST_MAIL_FIRST,
                (row, number) -> rows.mail(row),
                sagaId,
                kind.name(),
                name);
    }

    @Override
    public List<Mail> mail(Collection<String> sagaIds, Mail.Kind kind) {
        if (sagaIds.isEmpty()) {
            return List.of();
        }
        List<Object> arguments = new ArrayList<>(sagaIds);
        arguments.add(kind.name());
        return jdbc.query(
                SELECT_MAIL + " WHERE saga_id IN (" + marks(sagaIds.size()) + ") AND kind = ?" + OLDEST_MAIL_FIRST,
                (row, number) -> rows.mail(row),
                arguments.toArray());
    }

    @Override
    public void removeMail(String sagaId, Collection<String> ids) {
        jdbc.batchUpdate(
                "DELETE FROM tally_saga_mail WHERE saga_id = ? AND mail_id = ?",
                ids.stream().map(id -> new Object[] {sagaId, id}).toList());
    }

    @Override
    public void wake(String sagaId, Instant at) {
        jdbc.update(
                // One that is held until a person has seen to it is waked by that; until then it would be due for ever.
                "UPDATE tally_saga SET wake_at = ? WHERE saga_id = ? AND ended_at IS NULL"
                        + " AND (parked_kind IS NULL OR parked_kind = 'STEP') AND (wake_at IS NULL OR wake_at > ?)",
                at.toEpochMilli(),
                sagaId,
                at.toEpochMilli());
    }

    @Override
    public List<HistoryEntry> history(String sagaId) {
        return jdbc.query(
                "SELECT saga_id, version, at, events, actor, reason, data FROM tally_saga_history WHERE saga_id = ?"
                        + " ORDER BY version",
                (row, number) -> rows.history(row),
                sagaId);
    }

    @Override
    public Map<OpenVersion, Long> openVersions() {
        Map<OpenVersion, Long> counts = new LinkedHashMap<>();
        jdbc.query(
                "SELECT saga_name, definition_version, fingerprint, COUNT(*) AS sagas FROM tally_saga"
                        + " WHERE ended_at IS NULL GROUP BY saga_name, definition_version, fingerprint"
                        + " ORDER BY saga_name, definition_version, fingerprint",
                row -> {
                    counts.put(
                            new OpenVersion(
                                    row.getString("saga_name"),
                                    row.getInt("definition_version"),
                                    row.getString("fingerprint")),
                            row.getLong("sagas"));
                });
        return counts;
    }

    @Override
    public List<StoredSaga> open(OpenVersion version, int limit) {
        return jdbc.query(
                SELECT + " WHERE ended_at IS NULL AND saga_name = ? AND definition_version = ? AND fingerprint = ?"
                        + " ORDER BY saga_id LIMIT ?",
                (row, number) -> rows.saga(row),
                version.name(),
                version.version(),
                version.fingerprint(),
                limit);
    }

    @Override
    public int purgeEnded(Instant limit, int batch) {
        return ended.purge(limit.toEpochMilli(), batch);
    }

    static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }
}
