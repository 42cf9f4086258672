package dev.tally.outbox.bridge;

import dev.tally.jdbc.Dialect;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Reads the other outbox's table, together with what the bridge has decided about its rows. Never writes it, and takes no
 * lock in it, which would need the right to write as well.
 */
final class PeerTable {

    private static final String AND = " AND ";

    private final JdbcOperations jdbc;
    private final Dialect dialect;
    private final Peer peer;
    private final PeerFormat format;
    private final boolean idIsUuid;

    private PeerTable(JdbcOperations jdbc, Dialect dialect, Peer peer, PeerFormat format, boolean idIsUuid) {
        this.jdbc = jdbc;
        this.dialect = dialect;
        this.peer = peer;
        this.format = format;
        this.idIsUuid = idIsUuid;
    }

    /**
     * Looks which columns the table has.
     *
     * @throws BridgeRefusedException if it is not there, or is of no known version
     */
    static PeerTable open(JdbcOperations jdbc, Dialect dialect, Peer peer) {
        PeerColumns columns = PeerColumns.of(jdbc, peer.name(), peer.table());
        PeerFormat format;
        if (peer instanceof Peer.Modulith modulith) {
            format = new ModulithFormat(modulith, columns);
        } else if (peer instanceof Peer.TransactionOutbox transactionOutbox) {
            format = new TransactionOutboxFormat(transactionOutbox, columns, dialect);
        } else if (peer instanceof Peer.Namastack namastack) {
            PeerColumns instances = PeerColumns.of(jdbc, peer.name(), namastack.instanceTable());
            format = new NamastackFormat(namastack, columns, instances);
        } else {
            throw new BridgeRefusedException("Cannot bridge " + peer.name() + ": its format is not known");
        }
        return new PeerTable(jdbc, dialect, peer, format, columns.idIsUuid());
    }

    @Nullable String signOfLife(Instant since) {
        return format.signOfLife(jdbc, since);
    }

    /** The id in the form, and with the collation, that it has in the bridge's table. */
    private String idAsText() {
        if (idIsUuid) {
            return "CAST(p.id AS VARCHAR(36))";
        }
        return switch (dialect) {
            case MYSQL -> "CONVERT(p.id USING utf8mb4) COLLATE utf8mb4_0900_bin";
            case MARIADB -> "CONVERT(p.id USING utf8mb4) COLLATE utf8mb4_nopad_bin";
            case H2, POSTGRESQL -> "p.id";
        };
    }

    private Object id(String id) {
        return idIsUuid ? UUID.fromString(id) : id;
    }

    private String undecided(boolean countLeftAsUndecided) {
        return "NOT EXISTS (SELECT 1 FROM tally_outbox_bridge_row b WHERE b.bridge = ? AND b.row_id = " + idAsText()
                + (countLeftAsUndecided ? " AND b.state <> 'LEFT')" : ")");
    }

    /**
     * The ids of rows to take, in order.
     *
     * @param after the id behind which to go on, {@code null} for the first
     * @param withLeft whether rows that could not be mapped are among them
     */
    List<String> plan(@Nullable String after, boolean withLeft, int limit) {
        List<Object> arguments = new ArrayList<>(format.selection());
        arguments.add(peer.name());
        StringBuilder sql = new StringBuilder("SELECT p.id FROM ")
                .append(peer.table())
                .append(" p WHERE ")
                .append(mine())
                .append(AND)
                .append(undecided(withLeft));
        if (after != null) {
            sql.append(AND).append(behind(after, arguments));
        }
        sql.append(" ORDER BY ");
        format.order().forEach(column -> sql.append(column).append(", "));
        sql.append("p.id LIMIT ?");
        arguments.add(limit);
        return jdbc.query(sql.toString(), (row, number) -> row.getString(1), arguments.toArray());
    }

    private String mine() {
        return format.undelivered() + AND + format.selected();
    }

    /**
     * The row's place in the order is behind that of another. The database compares the columns as they are there: sent
     * back and forth, times could lose digits, or an hour when clocks change.
     */
    private String behind(String after, List<Object> arguments) {
        List<String> columns = new ArrayList<>(format.order());
        columns.add("p.id");
        List<String> alternatives = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            List<String> all = new ArrayList<>();
            for (int j = 0; j <= i; j++) {
                String column = columns.get(j);
                all.add(column + (j < i ? " = " : " > ") + "(SELECT " + column.replace("p.", "q.") + " FROM "
                        + peer.table() + " q WHERE q.id = ?)");
                arguments.add(id(after));
            }
            alternatives.add(String.join(AND, all));
        }
        return "(" + String.join(" OR ", alternatives) + ")";
    }

    /** The rows with these ids that are undelivered now, in the order of {@code ids}. */
    List<PeerRow> read(List<String> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        List<Object> arguments = new ArrayList<>();
        ids.forEach(id -> arguments.add(id(id)));
        arguments.addAll(format.selection());
        Map<String, PeerRow> rows = new LinkedHashMap<>();
        jdbc.query(
                "SELECT p.* FROM " + peer.table() + " p WHERE p.id IN (" + DecidedRows.marks(ids.size()) + ") AND "
                        + mine(),
                result -> {
                    PeerRow row = format.read(result);
                    rows.put(row.row().id(), row);
                },
                arguments.toArray());
        List<PeerRow> ordered = new ArrayList<>();
        for (String id : ids) {
            PeerRow row = rows.get(id);
            if (row != null) {
                ordered.add(row);
            }
        }
        return ordered;
    }

    /** Undelivered rows that are neither taken, dropped nor left. */
    Waiting waiting() {
        List<Object> arguments = new ArrayList<>(format.selection());
        arguments.add(peer.name());
        Map<String, Long> byState = new LinkedHashMap<>();
        List<Instant> oldest = new ArrayList<>();
        jdbc.query(
                "SELECT state, COUNT(*), MIN(written) FROM (SELECT " + format.state() + " AS state, "
                        + format.written() + " AS written FROM " + peer.table() + " p WHERE " + mine() + AND
                        + undecided(false) + ") AS waiting GROUP BY state",
                result -> {
                    byState.put(String.valueOf(result.getString(1)), result.getLong(2));
                    Timestamp written = result.getTimestamp(3);
                    if (written != null) {
                        oldest.add(written.toInstant());
                    }
                },
                arguments.toArray());
        return new Waiting(byState, oldest.stream().min(Instant::compareTo).orElse(null));
    }

    /**
     * Rows that wait.
     *
     * @param oldest when the oldest was written; {@code null} for no rows
     */
    record Waiting(Map<String, Long> byState, @Nullable Instant oldest) {}

    /** Undelivered rows that the bridge is not for. */
    long ofOthers() {
        Long count = jdbc.queryForObject(
                "SELECT COUNT(*) FROM " + peer.table() + " p WHERE " + format.undelivered() + " AND NOT "
                        + parenthesized(format.selected()),
                Long.class,
                format.selection().toArray());
        return count == null ? 0 : count;
    }

    private static String parenthesized(String condition) {
        return "(" + condition + ")";
    }

    /** Rows that could not be mapped and are undelivered still, by reason: the most frequent reasons. */
    Map<String, Long> left(int reasons) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(peer.name());
        arguments.addAll(format.selection());
        arguments.add(reasons);
        Map<String, Long> counts = new LinkedHashMap<>();
        jdbc.query(
                "SELECT b.reason, COUNT(*) AS how_many FROM tally_outbox_bridge_row b JOIN " + peer.table()
                        + " p ON b.row_id = " + idAsText() + " WHERE b.bridge = ? AND b.state = 'LEFT' AND " + mine()
                        + " GROUP BY b.reason ORDER BY how_many DESC LIMIT ?",
                result -> {
                    counts.put(String.valueOf(result.getString(1)), result.getLong(2));
                },
                arguments.toArray());
        return counts;
    }

    /** Those of {@code ids} that are undelivered now. */
    Collection<String> stillThere(List<String> ids) {
        return read(ids).stream().map(row -> row.row().id()).toList();
    }
}
