package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import dev.tally.message.Headers;
import dev.tally.message.HeadersText;
import dev.tally.message.Message;
import dev.tally.outbox.KeyLanes;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.operations.OperationsStore;
import dev.tally.outbox.operations.ParkedFilter;
import dev.tally.outbox.operations.ParkedPreview;
import dev.tally.outbox.operations.ParkedRow;
import dev.tally.outbox.operations.Pause;
import dev.tally.outbox.operations.WaitingGroup;
import dev.tally.outbox.operations.WhoAndWhy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;

/**
 * What people do, in the tables {@code tally_outbox}, {@code tally_outbox_pause} and {@code tally_outbox_revision}.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcOperationsStore implements OperationsStore {

    private static final String PARKED = EntryTable.PARKED_OWNER;

    private final JdbcTemplate jdbc;
    private final Dialect dialect;
    private final Rows rows = new Rows();
    private final HeadersText headersText = new HeadersText();
    private final String list;
    private final String find;
    private final InsertIfAbsent insertPause;
    private final PauseRow pauseRow;

    private JdbcOperationsStore(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(OwnTransactions.unwrap(dataSource));
        this.dialect = dialect;
        this.list = "SELECT id, message_id, topic, tag, msg_key, type, headers, OCTET_LENGTH(payload) AS payload_bytes,"
                + " attempts, last_error, " + dialect.epochMicros("created_at")
                + " AS created_micros FROM tally_outbox WHERE owner = ? AND id > ? AND ";
        this.find = "SELECT " + Rows.COLUMNS + ", " + dialect.epochMicros("created_at")
                + " AS created_micros FROM tally_outbox WHERE owner = ? AND id = ?";
        this.insertPause =
                new InsertIfAbsent(dialect, "INSERT INTO tally_outbox_pause (id, paused_by, reason) VALUES (1, ?, ?)");
        this.pauseRow = new PauseRow(jdbc, dialect);
    }

    /**
     * Creates the store. The tables must be there when it is used.
     *
     * @param dataSource the data source of the outbox
     * @param dialect its dialect
     */
    public static JdbcOperationsStore create(DataSource dataSource, Dialect dialect) {
        return new JdbcOperationsStore(dataSource, dialect);
    }

    @Override
    public List<ParkedRow> parked(ParkedFilter filter, long afterId, int limit) {
        ParkedCondition condition = ParkedCondition.of(filter, dialect);
        List<Object> parameters = parameters(condition, PARKED, afterId);
        parameters.add(limit);
        return jdbc.query(
                list + condition.sql() + " ORDER BY id LIMIT ?", (row, number) -> parkedRow(row), parameters.toArray());
    }

    private static List<Object> parameters(ParkedCondition condition, Object... first) {
        List<Object> parameters = new ArrayList<>(Arrays.asList(first));
        parameters.addAll(condition.parameters());
        return parameters;
    }

    private ParkedRow parkedRow(ResultSet row) throws SQLException {
        return new ParkedRow(
                row.getLong("id"),
                Rows.required(row, "message_id"),
                Rows.required(row, "topic"),
                row.getString("tag"),
                row.getString("msg_key"),
                Rows.required(row, "type"),
                rows.headersAsFarAsReadable(row.getString("headers")),
                row.getLong("payload_bytes"),
                row.getInt("attempts"),
                Rows.reason(row),
                Rows.instant(row.getLong("created_micros")));
    }

    @Override
    public ParkedPreview preview(ParkedFilter filter, int first) {
        ParkedCondition condition = ParkedCondition.of(filter, dialect);
        long[] found = new long[2];
        RowCallbackHandler read = row -> {
            found[0] = row.getLong(1);
            found[1] = row.getLong(2);
        };
        jdbc.query(
                "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM tally_outbox WHERE owner = ? AND " + condition.sql(),
                read,
                parameters(condition, PARKED).toArray());
        return new ParkedPreview(found[0], found[1], first == 0 ? List.of() : parked(filter, 0, first));
    }

    @Override
    public @Nullable ParkedEntry find(long id) {
        return one(find, id);
    }

    @Override
    public @Nullable ParkedEntry lock(long id) {
        return one(find + " FOR UPDATE", id);
    }

    private @Nullable ParkedEntry one(String sql, long id) {
        List<ParkedEntry> found = jdbc.query(sql, (row, number) -> rows.parked(row), PARKED, id);
        return found.isEmpty() ? null : found.get(0);
    }

    private static final String OLDER_OF_KEY =
            "SELECT id FROM tally_outbox WHERE owner = ? AND msg_key = ? AND id < ? ORDER BY id LIMIT ?";

    @Override
    public List<Long> olderOfKey(String key, long id, int limit) {
        return jdbc.queryForList(OLDER_OF_KEY, Long.class, PARKED, key, id, limit);
    }

    @Override
    public Map<String, Long> firstNotMatching(ParkedFilter filter, Collection<String> keys) {
        ParkedCondition condition = ParkedCondition.of(filter, dialect);
        List<Object> parameters = new ArrayList<>(List.of(PARKED));
        parameters.addAll(keys);
        parameters.addAll(condition.parameters());
        Map<String, Long> first = new HashMap<>();
        RowCallbackHandler read = row -> first.put(Rows.required(row, "msg_key"), row.getLong("first_id"));
        jdbc.query(
                "SELECT msg_key, MIN(id) AS first_id FROM tally_outbox WHERE owner = ? AND msg_key IN (?"
                        + ", ?".repeat(keys.size() - 1) + ") AND NOT " + condition.sql() + " GROUP BY msg_key",
                read,
                parameters.toArray());
        return first;
    }

    private static final String CHANGE = "UPDATE tally_outbox SET headers = ?, payload = ? WHERE owner = ? AND id = ?";

    @Override
    public void change(long id, Headers headers, byte[] payload) {
        jdbc.update(CHANGE, update -> {
            update.setString(1, headersText.write(headers));
            update.setBytes(2, payload);
            update.setString(3, PARKED);
            update.setLong(4, id);
        });
    }

    private static final String KEEP = """
            INSERT INTO tally_outbox_revision (action, row_id, message_id, topic, tag, msg_key, type, headers, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    @Override
    public void keepRevision(ParkedEntry entry, String action) {
        Message message = entry.message();
        jdbc.update(KEEP, insert -> {
            insert.setString(1, action);
            insert.setLong(2, entry.id());
            insert.setString(3, message.id().value());
            insert.setString(4, message.destination().topic());
            insert.setString(5, message.destination().tag());
            insert.setString(6, message.key());
            insert.setString(7, message.type());
            insert.setString(8, headersText.write(message.headers()));
            insert.setBytes(9, message.payload());
        });
    }

    private static final String GIVE_BACK =
            "UPDATE tally_outbox SET owner = ?, state = 'PENDING', attempts = 0 WHERE owner = ? AND id = ?";

    @Override
    public boolean giveBack(long id, @Nullable String key) {
        return jdbc.update(GIVE_BACK, key == null ? OutboxStore.UNOWNED : laneOf(key), PARKED, id) == 1;
    }

    /** As the nodes do it. Where none has ever run there are no lanes yet; the first one takes over what has no owner. */
    private String laneOf(String key) {
        List<Integer> lanes = jdbc.queryForList("SELECT lanes FROM tally_outbox_lanes WHERE id = 1", Integer.class);
        return lanes.isEmpty() ? OutboxStore.UNOWNED : KeyLanes.nameOf(key, Objects.requireNonNull(lanes.get(0)));
    }

    private static final String DISCARD = "DELETE FROM tally_outbox WHERE owner = ? AND id = ?";

    @Override
    public boolean discard(long id) {
        return jdbc.update(DISCARD, PARKED, id) == 1;
    }

    @Override
    public @Nullable Pause pause() {
        return pauseRow.read();
    }

    @Override
    public boolean pause(WhoAndWhy whoAndWhy) {
        return insertPause.insert(jdbc, whoAndWhy.who(), whoAndWhy.why());
    }

    @Override
    public boolean unpause() {
        return jdbc.update("DELETE FROM tally_outbox_pause WHERE id = 1") == 1;
    }

    @Override
    public List<WaitingGroup> waitingBy(WaitingGroup.By by, int look, int groups) {
        String column =
                switch (by) {
                    case TOPIC -> "topic";
                    case KEY -> "msg_key";
                    case OWNER -> "owner";
                };
        return jdbc.query(
                "SELECT what, COUNT(*) AS how_many FROM ("
                        + "SELECT what FROM (SELECT " + column
                        + " AS what FROM tally_outbox WHERE owner > ? LIMIT ?) AS in_turn"
                        + " UNION ALL SELECT what FROM (SELECT " + column
                        + " AS what FROM tally_outbox WHERE owner > ? AND owner < ? LIMIT ?) AS blocked"
                        + ") AS looked_at GROUP BY what ORDER BY how_many DESC, what LIMIT ?",
                (row, number) -> new WaitingGroup(row.getString("what"), row.getLong("how_many")),
                PARKED,
                look,
                ScheduledOwner.AFTER_LAST,
                PARKED,
                look,
                groups);
    }
}
