package dev.tally.saga.jdbc;

import dev.tally.saga.SagaState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds and counts sagas for people and meters, as committed. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcSagaSearch {

    private final JdbcTemplate jdbc;

    /** Creates the search in one data source. */
    public JdbcSagaSearch(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /**
     * How many open sagas there are of a name in a state.
     *
     * @param name of the definition
     * @param state where they are
     * @param backward whether they are on their way back
     * @param count how many
     * @param oldest when the oldest of them began
     */
    public record Count(String name, SagaState state, boolean backward, long count, Instant oldest) {}

    /**
     * One of those that were found.
     *
     * @param id its id
     * @param name of its definition
     * @param definitionVersion the version with which it runs
     * @param businessKey what it is about
     * @param state where it is
     * @param parked why it waits for a person, or {@code null}
     * @param startedAt when it began
     * @param wakeAt when something happens by itself, or {@code null}
     */
    public record Line(
            String id,
            String name,
            int definitionVersion,
            String businessKey,
            SagaState state,
            @Nullable String parked,
            Instant startedAt,
            @Nullable Instant wakeAt) {}

    /** What there is of sagas that have not ended. */
    public List<Count> counts() {
        return jdbc.query(
                "SELECT saga_name, state, backward, COUNT(*) AS sagas, MIN(started_at) AS oldest FROM tally_saga"
                        + " WHERE ended_at IS NULL GROUP BY saga_name, state, backward"
                        + " ORDER BY saga_name, state, backward",
                (row, number) -> new Count(
                        row.getString("saga_name"),
                        SagaState.valueOf(row.getString("state")),
                        row.getInt("backward") != 0,
                        row.getLong("sagas"),
                        Instant.ofEpochMilli(row.getLong("oldest"))));
    }

    /**
     * Sagas, the oldest first; without a state those that have not ended.
     *
     * @param name of the definition, {@code null} for any
     * @param state {@code null} for any that is no end
     * @param limit how many at most
     */
    public List<Line> find(@Nullable String name, @Nullable SagaState state, int limit) {
        List<Object> arguments = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        if (state == null || !state.isEnd()) {
            conditions.add("ended_at IS NULL");
        }
        if (state != null) {
            conditions.add("state = ?");
            arguments.add(state.name());
        }
        if (name != null) {
            conditions.add("saga_name = ?");
            arguments.add(name);
        }
        arguments.add(limit);
        return jdbc.query(
                "SELECT saga_id, saga_name, definition_version, business_key, state, parked_kind, parked_reason,"
                        + " started_at, wake_at FROM tally_saga WHERE " + String.join(" AND ", conditions)
                        + " ORDER BY started_at, saga_id LIMIT ?",
                (row, number) -> {
                    String parked = row.getString("parked_kind");
                    long wakeAt = row.getLong("wake_at");
                    Instant wake = row.wasNull() ? null : Instant.ofEpochMilli(wakeAt);
                    return new Line(
                            row.getString("saga_id"),
                            row.getString("saga_name"),
                            row.getInt("definition_version"),
                            row.getString("business_key"),
                            SagaState.valueOf(row.getString("state")),
                            parked == null ? null : parked + ": " + row.getString("parked_reason"),
                            Instant.ofEpochMilli(row.getLong("started_at")),
                            wake);
                },
                arguments.toArray());
    }
}
