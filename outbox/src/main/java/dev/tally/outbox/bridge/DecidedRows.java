package dev.tally.outbox.bridge;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import dev.tally.outbox.OutboxStoreException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.JdbcOperations;

/** The bridge's own tables: whose turn it is, and what was decided about rows of the other outbox. */
final class DecidedRows {

    private static final int MAX_REASON_LENGTH = 1000;

    private static final String INSERT_BRIDGE = "INSERT INTO tally_outbox_bridge (bridge) VALUES (?)";

    // Who has the row is the one process that takes; the others do not wait for it.
    private static final String LOCK = """
            SELECT paused FROM tally_outbox_bridge WHERE bridge = ? FOR UPDATE SKIP LOCKED""";

    private static final String IS_PAUSED = "SELECT paused FROM tally_outbox_bridge WHERE bridge = ?";

    private static final String PAUSE = "UPDATE tally_outbox_bridge SET paused = ? WHERE bridge = ?";

    private static final String INSERT = """
            INSERT INTO tally_outbox_bridge_row (bridge, row_id, state, row_key, message_id, reason)
            VALUES (?, ?, ?, ?, ?, ?)""";

    private static final String DECIDE_LEFT = """
            UPDATE tally_outbox_bridge_row SET state = ?, message_id = ?, reason = ?
            WHERE bridge = ? AND row_id = ? AND state = 'LEFT'""";

    private static final String FORGET = """
            DELETE FROM tally_outbox_bridge_row WHERE bridge = ? AND row_id = ? AND state = 'LEFT'""";

    private static final String COUNT_TAKEN = """
            SELECT COUNT(*) FROM tally_outbox_bridge_row WHERE bridge = ? AND state = 'TAKEN'""";

    private static final String COUNT_DROPPED = """
            SELECT reason, COUNT(*) AS how_many FROM tally_outbox_bridge_row
            WHERE bridge = ? AND state = 'DROPPED' GROUP BY reason ORDER BY how_many DESC LIMIT ?""";

    private final JdbcOperations jdbc;
    private final Dialect dialect;
    private final String bridge;
    private final InsertIfAbsent insertBridge;

    DecidedRows(JdbcOperations jdbc, Dialect dialect, String bridge) {
        this.jdbc = jdbc;
        this.dialect = dialect;
        this.bridge = bridge;
        this.insertBridge = new InsertIfAbsent(dialect, INSERT_BRIDGE);
    }

    /** What was decided about a row. */
    enum Fate {
        TAKEN,
        DROPPED,
        LEFT
    }

    /**
     * A decision.
     *
     * @param isNew whether there is none about the row yet; otherwise it is {@link Fate#LEFT} so far
     */
    record Decision(
            String rowId,
            Fate fate,
            @Nullable String key,
            @Nullable String messageId,
            @Nullable String reason,
            boolean isNew) {}

    /** Who may take. */
    enum Turn {
        MINE,
        OF_ANOTHER,
        PAUSED
    }

    /**
     * Makes sure that the bridge has its row.
     *
     * @throws BridgeRefusedException if the tables are missing
     */
    void prepare() {
        try {
            if (jdbc.queryForList(IS_PAUSED, Integer.class, bridge).isEmpty()) {
                insertBridge.insert(jdbc, bridge);
            }
        } catch (BadSqlGrammarException e) {
            throw new BridgeRefusedException(
                    "Cannot bridge " + bridge + ": Tally's tables for bridges are missing; run"
                            + " tally/schema/bridge/" + dialect.id() + "/V1__bridge.sql, which is in tally-outbox",
                    e);
        }
    }

    /** Takes the turn until the transaction ends, if no other process has it. */
    Turn takeTurn() {
        List<Integer> paused = jdbc.queryForList(LOCK, Integer.class, bridge);
        if (paused.isEmpty()) {
            return Turn.OF_ANOTHER;
        }
        return paused.get(0) == 0 ? Turn.MINE : Turn.PAUSED;
    }

    boolean isPaused() {
        return jdbc.queryForList(IS_PAUSED, Integer.class, bridge).stream().anyMatch(paused -> paused != 0);
    }

    void setPaused(boolean paused) {
        prepare();
        jdbc.update(PAUSE, paused ? 1 : 0, bridge);
    }

    /** What is decided already about these rows. */
    Map<String, Fate> decided(Collection<String> rowIds) {
        Map<String, Fate> fates = new HashMap<>();
        if (!rowIds.isEmpty()) {
            jdbc.query(
                    "SELECT row_id, state FROM tally_outbox_bridge_row WHERE bridge = ? AND row_id IN ("
                            + marks(rowIds.size()) + ")",
                    result -> {
                        fates.put(result.getString(1), Fate.valueOf(result.getString(2)));
                    },
                    arguments(rowIds));
        }
        return fates;
    }

    /** For each of these keys that has rows that were left, the ids of those rows. */
    Map<String, List<String>> leftOf(Collection<String> keys) {
        Map<String, List<String>> left = new HashMap<>();
        if (!keys.isEmpty()) {
            jdbc.query(
                    "SELECT row_key, row_id FROM tally_outbox_bridge_row WHERE bridge = ? AND state = 'LEFT'"
                            + " AND row_key IN (" + marks(keys.size()) + ")",
                    result -> {
                        left.computeIfAbsent(result.getString(1), key -> new ArrayList<>())
                                .add(result.getString(2));
                    },
                    arguments(keys));
        }
        return left;
    }

    private Object[] arguments(Collection<String> values) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(bridge);
        arguments.addAll(values);
        return arguments.toArray();
    }

    /** As many parameters as that, for a list of them. */
    static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    /** Notes decisions. If a row is decided already, it fails, and the transaction must. */
    void note(List<Decision> decisions) {
        List<Object[]> inserts = new ArrayList<>();
        for (Decision each : decisions) {
            if (each.isNew()) {
                inserts.add(new Object[] {
                    bridge, each.rowId(), each.fate().name(), each.key(), each.messageId(), shortened(each.reason())
                });
            } else {
                decideLeft(each);
            }
        }
        if (!inserts.isEmpty()) {
            jdbc.batchUpdate(INSERT, inserts);
        }
    }

    private void decideLeft(Decision decision) {
        int rows = jdbc.update(
                DECIDE_LEFT,
                decision.fate().name(),
                decision.messageId(),
                shortened(decision.reason()),
                bridge,
                decision.rowId());
        // MySQL's drivers may count changed rows only, and one that is left again for the same reason does not change.
        if (rows != 1 && decision.fate() != Fate.LEFT) {
            throw new OutboxStoreException(
                    "Cannot note that row " + decision.rowId() + " of " + bridge + " is " + decision.fate()
                            + ": it was decided meanwhile; the transaction must roll back",
                    new IllegalStateException("rows changed: " + rows));
        }
    }

    /** Forgets rows that were left and are not there any more: somebody removed or completed them. */
    void forget(Collection<String> rowIds) {
        rowIds.forEach(rowId -> jdbc.update(FORGET, bridge, rowId));
    }

    private static @Nullable String shortened(@Nullable String reason) {
        return reason == null || reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH);
    }

    long taken() {
        Long count = jdbc.queryForObject(COUNT_TAKEN, Long.class, bridge);
        return count == null ? 0 : count;
    }

    Map<String, Long> dropped(int reasons) {
        Map<String, Long> counts = new LinkedHashMap<>();
        jdbc.query(
                COUNT_DROPPED,
                result -> {
                    counts.put(String.valueOf(result.getString(1)), result.getLong(2));
                },
                bridge,
                reasons);
        return counts;
    }
}
