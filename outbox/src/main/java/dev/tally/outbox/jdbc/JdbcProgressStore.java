package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.WaitingRows;
import dev.tally.outbox.operations.Pause;
import dev.tally.outbox.operations.ProgressStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How the outbox gets on, from its tables. Thread-safe.
 *
 * @since 0.1
 */
public final class JdbcProgressStore implements ProgressStore {

    private final JdbcTemplate jdbc;
    private final PauseRow pauseRow;
    private final String owners;
    private final String branch;

    private JdbcProgressStore(DataSource dataSource, Dialect dialect) {
        this.jdbc = new JdbcTemplate(OwnTransactions.unwrap(dataSource));
        this.pauseRow = new PauseRow(jdbc, dialect);
        this.owners = "SELECT o.node_id, o.keeper, o.instance, k.circuit_open, "
                + dialect.ageMillis("k.heartbeat_at") + " AS silent_millis FROM tally_outbox_node o"
                + " LEFT JOIN tally_outbox_node k ON k.node_id = o.keeper AND k.keeper = k.node_id";
        String columns = "id, owner, topic, msg_key, attempts, last_error, created_at";
        this.branch = "SELECT id, owner, topic, msg_key, attempts, last_error, " + dialect.ageMillis("created_at")
                + " AS age_millis FROM (SELECT " + columns
                + " FROM tally_outbox WHERE owner = ? ORDER BY id LIMIT ?) AS branch";
    }

    /**
     * Creates the store. The tables must be there when it is used.
     *
     * @param dataSource the data source of the outbox
     * @param dialect its dialect
     */
    public static JdbcProgressStore create(DataSource dataSource, Dialect dialect) {
        return new JdbcProgressStore(dataSource, dialect);
    }

    @Override
    public @Nullable Pause pause() {
        return pauseRow.read();
    }

    @Override
    public List<KeptOwner> owners() {
        return jdbc.query(owners, (row, number) -> {
            long silent = row.getLong("silent_millis");
            Long silentMillis = row.wasNull() ? null : silent;
            return new KeptOwner(
                    Rows.required(row, "node_id"),
                    Rows.required(row, "keeper"),
                    row.getString("instance"),
                    silentMillis,
                    row.getInt("circuit_open") == 1);
        });
    }

    @Override
    public List<FirstRow> firstRows(int perOwner) {
        List<String> withRows = new ArrayList<>(List.of(EntryTable.PARKED_OWNER));
        jdbc.queryForList(WaitingTable.LONGEST_BLOCKED, Long.class, BLOCKED_KEYS)
                .forEach(parked -> withRows.add(WaitingRows.HELD_PREFIX + parked));
        String owner = EntryTable.PARKED_OWNER;
        while (owner != null) {
            List<String> next = jdbc.queryForList(EntryTable.NEXT_OWNER, String.class, owner);
            owner = next.isEmpty() ? null : next.get(0);
            if (owner != null) {
                withRows.add(owner);
            }
        }
        List<Object> parameters = new ArrayList<>();
        for (String each : withRows) {
            parameters.add(each);
            parameters.add(isOfNobody(each) ? 1 : perOwner);
        }
        String sql = EntryTable.branches(withRows.size(), branch) + " ORDER BY id";
        return jdbc.query(sql, (row, number) -> firstRow(row), parameters.toArray());
    }

    private static boolean isOfNobody(String owner) {
        return owner.equals(EntryTable.PARKED_OWNER) || owner.startsWith(WaitingRows.HELD_PREFIX);
    }

    private static FirstRow firstRow(ResultSet row) throws SQLException {
        String owner = Objects.requireNonNull(row.getString("owner"));
        return new FirstRow(
                row.getLong("id"),
                owner,
                owner.equals(EntryTable.PARKED_OWNER),
                Rows.required(row, "topic"),
                row.getString("msg_key"),
                row.getInt("attempts"),
                row.getString("last_error"),
                row.getLong("age_millis"));
    }
}
