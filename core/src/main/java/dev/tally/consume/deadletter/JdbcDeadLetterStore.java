package dev.tally.consume.deadletter;

import static dev.tally.consume.deadletter.DeadLetterRows.TABLE;

import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.InsertIfAbsent;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Dead letters in the table {@code tally_dead_letter}, through the connection that Spring has bound to the transaction.
 * Nothing removes them but people. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcDeadLetterStore implements DeadLetterStore {

    private static final String THIS_ONE = " WHERE consumer_group = ? AND message_id = ?";
    private static final String OLDEST_FIRST = " ORDER BY dead_at, consumer_group, message_id";
    private static final String YOUNGEST_FIRST = " ORDER BY dead_at DESC, consumer_group, message_id DESC";
    private static final long MICROS = 1_000_000;

    private final JdbcTemplate jdbc;
    private final Dialect dialect;
    private final InsertIfAbsent insert;
    private final DeadLetterRows rows;
    private final String now;

    /** Creates the store of one data source. */
    public JdbcDeadLetterStore(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.dialect = dialect;
        this.insert = new InsertIfAbsent(dialect, DeadLetterRows.INSERT);
        this.rows = new DeadLetterRows(dialect);
        this.now = dialect.epochMicros(dialect.now());
    }

    @Override
    public void keep(DeadLetter letter) {
        if (!insert.insert(jdbc, row -> rows.set(row, letter))) {
            int unused = failed(letter, letter.attempts(), letter.failure(), "");
        }
    }

    private int failed(DeadLetter letter, int attempts, DeadLetterFailure failure, String further) {
        return jdbc.update(
                "UPDATE " + TABLE + " SET attempts = ?, reason = ?, exception = ?, stack = ?, replay_at = NULL,"
                        + " replay_forced = 0" + THIS_ONE + further,
                row -> {
                    row.setInt(1, attempts);
                    row.setString(2, failure.reason());
                    row.setString(3, failure.exception());
                    row.setString(4, failure.stack());
                    row.setString(5, letter.group());
                    row.setString(6, letter.message().id().value());
                });
    }

    @Override
    public List<ListedDeadLetter> list(DeadLetterFilter filter, int limit) {
        DeadLetterCondition condition = DeadLetterCondition.of(filter, dialect);
        return jdbc.query(
                rows.selectListed() + " WHERE " + condition.sql() + OLDEST_FIRST + " LIMIT ?",
                (row, number) -> rows.listed(row),
                condition.parametersAnd(limit));
    }

    @Override
    public @Nullable DeadLetter find(String group, MessageId id) {
        List<DeadLetter> found =
                jdbc.query(rows.selectWhole() + THIS_ONE, (row, number) -> rows.whole(row), group, id.value());
        return found.isEmpty() ? null : found.get(0);
    }

    @Override
    public long count(DeadLetterFilter filter) {
        DeadLetterCondition condition = DeadLetterCondition.of(filter, dialect);
        Long count = jdbc.queryForObject(
                "SELECT COUNT(*) FROM " + TABLE + " d WHERE " + condition.sql(),
                Long.class,
                condition.parameters().toArray());
        return count == null ? 0 : count;
    }

    @Override
    public Map<String, Long> countByGroup() {
        Map<String, Long> counts = new LinkedHashMap<>();
        jdbc.query(
                "SELECT consumer_group, COUNT(*) AS letters FROM " + TABLE
                        + " GROUP BY consumer_group ORDER BY consumer_group",
                row -> {
                    counts.put(row.getString("consumer_group"), row.getLong("letters"));
                });
        return counts;
    }

    @Override
    public int schedule(DeadLetterFilter filter, int limit, double perSecond, boolean forced) {
        List<Object[]> keys = keys(filter, " AND replay_at IS NULL" + OLDEST_FIRST, limit);
        if (keys.isEmpty()) {
            return 0;
        }
        long first = nowMicros();
        // Those of one key are told apart by their times.
        double apart = Math.max(1, MICROS / perSecond);
        List<Object[]> updates = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            updates.add(new Object[] {first + (long) (i * apart), forced ? 1 : 0, keys.get(i)[0], keys.get(i)[1]});
        }
        return changed(jdbc.batchUpdate(
                "UPDATE " + TABLE + " SET replay_at = ?, replay_forced = ?" + THIS_ONE + " AND replay_at IS NULL",
                updates));
    }

    @Override
    public int unschedule(DeadLetterFilter filter, int limit) {
        return unschedule(keys(filter, " AND replay_at IS NOT NULL" + YOUNGEST_FIRST, limit));
    }

    private int unschedule(List<Object[]> keys) {
        return keys.isEmpty()
                ? 0
                : changed(jdbc.batchUpdate(
                        "UPDATE " + TABLE + " SET replay_at = NULL, replay_forced = 0" + THIS_ONE
                                + " AND replay_at IS NOT NULL",
                        keys));
    }

    @Override
    public int remove(DeadLetterFilter filter, int limit) {
        List<Object[]> keys = keys(filter, OLDEST_FIRST, limit);
        return keys.isEmpty() ? 0 : changed(jdbc.batchUpdate(dialect.deleteByPrimaryKey(TABLE) + THIS_ONE, keys));
    }

    private List<Object[]> keys(DeadLetterFilter filter, String furtherAndOrder, int limit) {
        DeadLetterCondition condition = DeadLetterCondition.of(filter, dialect);
        return jdbc.query(
                "SELECT consumer_group, message_id FROM " + TABLE + " d WHERE " + condition.sql() + furtherAndOrder
                        + " LIMIT ?",
                (row, number) -> new Object[] {row.getString(1), row.getString(2)},
                condition.parametersAnd(limit));
    }

    private long nowMicros() {
        return Objects.requireNonNull(jdbc.queryForObject("SELECT " + now, Long.class));
    }

    private static int changed(int[] counts) {
        int changed = 0;
        for (int count : counts) {
            changed += Math.max(0, count);
        }
        return changed;
    }

    @Override
    public List<ListedDeadLetter> due(Map<String, Set<String>> topicsByGroup, int limit) {
        List<String> places = new ArrayList<>();
        List<Object> parameters = new ArrayList<>();
        topicsByGroup.forEach((group, topics) -> {
            if (!topics.isEmpty()) {
                places.add("(consumer_group = ? AND topic IN ("
                        + String.join(", ", Collections.nCopies(topics.size(), "?")) + "))");
                parameters.add(group);
                parameters.addAll(topics);
            }
        });
        if (places.isEmpty()) {
            return List.of();
        }
        parameters.add(limit);
        return jdbc.query(
                rows.selectListed() + " WHERE replay_at <= " + now + " AND (" + String.join(" OR ", places)
                        + ") AND (msg_key IS NULL OR NOT EXISTS (SELECT 1 FROM " + TABLE
                        + " b WHERE b.consumer_group = d.consumer_group AND b.topic = d.topic AND b.msg_key = d.msg_key"
                        + " AND b.replay_at IS NOT NULL AND (b.dead_at < d.dead_at"
                        + " OR (b.dead_at = d.dead_at AND b.message_id < d.message_id))))"
                        + " ORDER BY replay_at LIMIT ?",
                (row, number) -> rows.listed(row),
                parameters.toArray());
    }

    @Override
    public boolean claim(String group, MessageId id) {
        return !jdbc.queryForList(
                        dialect.lockByPrimaryKey(
                                "message_id", TABLE, "consumer_group = ? AND message_id = ? AND replay_at <= " + now),
                        String.class,
                        group,
                        id.value())
                .isEmpty();
    }

    @Override
    public void replayed(String group, MessageId id) {
        jdbc.update(dialect.deleteByPrimaryKey(TABLE) + THIS_ONE, group, id.value());
    }

    @Override
    public void failedAgain(DeadLetter letter, DeadLetterFailure failure) {
        int still = failed(letter, letter.attempts() + 1, failure, " AND replay_at IS NOT NULL");
        Message message = letter.message();
        // Not there any more: somebody else replayed it meanwhile, with success.
        if (still > 0 && message.key() != null) {
            // By their primary keys: what an update looks at besides, InnoDB would lock as well.
            int unused = unschedule(jdbc.query(
                    "SELECT consumer_group, message_id FROM " + TABLE + " WHERE consumer_group = ? AND topic = ?"
                            + " AND msg_key = ? AND replay_at IS NOT NULL" + YOUNGEST_FIRST,
                    (row, number) -> new Object[] {row.getString(1), row.getString(2)},
                    letter.group(),
                    message.destination().topic(),
                    message.key()));
        }
    }
}
