package dev.tally.saga.participant;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import dev.tally.jdbc.PurgeBatch;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The barrier in the table {@code tally_saga_barrier}, through the connection that Spring has bound to the transaction.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcBarrierStore implements BarrierStore {

    private static final String TABLE = "tally_saga_barrier";
    private static final List<String> KEY = List.of("saga_id", "step");
    private static final String THIS_ONE = " WHERE saga_id = ? AND step = ?";

    /** Rows in one statement at most: far below the databases' limits on parameters. */
    private static final int MOST_IN_ONE = 200;

    /** How often a row may go between a look and a lock. */
    private static final int ROUNDS = 10;

    private static final String INSERT = "INSERT INTO " + TABLE + " (saga_id, step, state, started_at) VALUES ";
    private static final String NEW_ROW = "(?, ?, 'NEW', ?)";

    private static final String UPDATE = """
            UPDATE tally_saga_barrier
            SET state = ?,
                runs = ?,
                claimed_at = CASE WHEN ? = 1 THEN %s END,
                action_outcome = ?,
                action_reason = ?,
                action_type = ?,
                action_reply = ?,
                undo_outcome = ?,
                undo_reason = ?,
                undo_type = ?,
                undo_reply = ?,
                undo_attempt = ?,
                token_type = ?,
                token = ?
            WHERE saga_id = ? AND step = ?""";

    private final JdbcTemplate jdbc;
    private final Dialect dialect;
    private final @Nullable String orLock;
    private final InsertIfAbsent insertOne;
    private final String select;
    private final String update;
    private final PurgeBatch purge;

    /**
     * Creates the barrier of one data source.
     *
     * @param transactions the transaction manager of that data source
     */
    public JdbcBarrierStore(DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
        this.orLock = dialect.orLock(KEY);
        this.insertOne = new InsertIfAbsent(dialect, INSERT + NEW_ROW);
        this.select = BarrierRows.COLUMNS.formatted(dialect.ageMillis("claimed_at")) + " FROM " + TABLE + " WHERE ";
        this.update = UPDATE.formatted(dialect.now());
        this.purge = new PurgeBatch(jdbc, transactions, dialect, TABLE, KEY, "started_at", PurgeBatch.Order.AGE);
    }

    @Override
    public Map<StepKey, BarrierRow> lock(Map<StepKey, Instant> startedAt) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalTransactionStateException(
                    "Cannot lock the steps " + startedAt.keySet() + " in the barrier: there is no transaction");
        }
        // In the order of the primary key: two batches with common steps wait for each other in one direction only.
        List<Map.Entry<StepKey, Instant>> inOrder = List.copyOf(new TreeMap<>(startedAt).entrySet());
        Map<StepKey, BarrierRow> rows = new HashMap<>();
        for (int from = 0; from < inOrder.size(); from += MOST_IN_ONE) {
            List<Map.Entry<StepKey, Instant>> some =
                    inOrder.subList(from, Math.min(inOrder.size(), from + MOST_IN_ONE));
            if (orLock == null) {
                some.forEach(this::insertOrLock);
            } else {
                insertOrLock(some, orLock);
            }
        }
        // Without a lock: nobody can change the rows now, and the snapshot, where there is one, begins here.
        for (int from = 0; from < inOrder.size(); from += MOST_IN_ONE) {
            read(inOrder.subList(from, Math.min(inOrder.size(), from + MOST_IN_ONE)), rows);
        }
        return rows;
    }

    private void insertOrLock(List<Map.Entry<StepKey, Instant>> rows, String suffix) {
        String statement = INSERT + String.join(", ", Collections.nCopies(rows.size(), NEW_ROW)) + suffix;
        List<Object> arguments = new ArrayList<>(3 * rows.size());
        for (Map.Entry<StepKey, Instant> row : rows) {
            arguments.add(row.getKey().sagaId());
            arguments.add(row.getKey().step());
            arguments.add(time(row.getValue()));
        }
        jdbc.update(statement, arguments.toArray());
    }

    private void insertOrLock(Map.Entry<StepKey, Instant> row) {
        StepKey key = row.getKey();
        for (int round = 0; round < ROUNDS; round++) {
            if (insertOne.insert(jdbc, key.sagaId(), key.step(), time(row.getValue()))) {
                return;
            }
            List<String> locked = jdbc.queryForList(
                    "SELECT state FROM " + TABLE + THIS_ONE + " FOR UPDATE", String.class, key.sagaId(), key.step());
            if (!locked.isEmpty()) {
                return;
            }
        }
        throw new CannotAcquireLockException("Cannot lock step " + key + " in the barrier: " + ROUNDS
                + " times its row was there, and gone when it was to be locked; the transaction is to be begun anew");
    }

    private void read(List<Map.Entry<StepKey, Instant>> keys, Map<StepKey, BarrierRow> into) {
        String named = String.join(" OR ", Collections.nCopies(keys.size(), "(saga_id = ? AND step = ?)"));
        List<Object> arguments = new ArrayList<>(2 * keys.size());
        for (Map.Entry<StepKey, Instant> key : keys) {
            arguments.add(key.getKey().sagaId());
            arguments.add(key.getKey().step());
        }
        jdbc.query(select + named, (row, number) -> BarrierRows.read(row), arguments.toArray())
                .forEach(row -> into.put(row.key(), row));
    }

    @Override
    public void save(Collection<BarrierRow> rows) {
        List<BarrierRow> kept =
                rows.stream().filter(row -> row.state() != BarrierState.NEW).toList();
        List<Object[]> removed = rows.stream()
                .filter(row -> row.state() == BarrierState.NEW)
                .map(row -> new Object[] {row.key().sagaId(), row.key().step()})
                .toList();
        if (!kept.isEmpty()) {
            jdbc.batchUpdate(update, kept, kept.size(), BarrierRows::set);
        }
        if (!removed.isEmpty()) {
            jdbc.batchUpdate(dialect.deleteByPrimaryKey(TABLE) + THIS_ONE, removed);
        }
    }

    @Override
    public int purge(Duration retention, int limit) {
        return purge.run(retention.plus(CLOCKS_APART), limit);
    }

    /** In the type of Tally's time columns: whatever zone the session has. */
    private Object time(Instant instant) {
        return dialect.isMySqlFamily()
                ? LocalDateTime.ofInstant(instant, ZoneOffset.UTC)
                : instant.atOffset(ZoneOffset.UTC);
    }
}
