package dev.tally.outbox.bridge;

import dev.tally.message.Headers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Spring Modulith's registry: a row for each event and listener.
 *
 * <p>Version 1 of the schema knows a completion date only. Version 2 has a status beside it ({@code PUBLISHED},
 * {@code PROCESSING}, {@code RESUBMITTED}, {@code FAILED}, {@code COMPLETED}); it is null in rows that were there when
 * the columns were added. Completed rows stay with their date, go to an archive table, or are deleted: in each case they
 * are not undelivered here.
 *
 * <p>No column says who works on a row, and no lock is held meanwhile.
 */
final class ModulithFormat implements PeerFormat {

    private final Peer.Modulith peer;
    private final boolean hasStatus;

    ModulithFormat(Peer.Modulith peer, PeerColumns columns) {
        columns.require("id", "listener_id", "event_type", "serialized_event", "publication_date", "completion_date");
        this.peer = peer;
        this.hasStatus = columns.has("status");
        if (hasStatus) {
            columns.require("completion_attempts", "last_resubmission_date");
        }
    }

    @Override
    public String undelivered() {
        return hasStatus
                ? "(p.status IS NULL AND p.completion_date IS NULL OR p.status IS NOT NULL AND p.status <> 'COMPLETED')"
                : "p.completion_date IS NULL";
    }

    @Override
    public String selected() {
        return PeerFormat.anyLike("p.listener_id", peer.listeners().size());
    }

    @Override
    public List<String> selection() {
        return PeerFormat.likePatterns(peer.listeners());
    }

    @Override
    public String state() {
        return hasStatus ? "COALESCE(p.status, 'INCOMPLETE')" : "'INCOMPLETE'";
    }

    @Override
    public String written() {
        return "p.publication_date";
    }

    @Override
    public List<String> order() {
        return List.of("p.publication_date");
    }

    @Override
    public PeerRow read(ResultSet result) throws SQLException {
        Instant published = Objects.requireNonNull(PeerFormat.instant(result, "publication_date"));
        Instant resubmitted = hasStatus ? PeerFormat.instant(result, "last_resubmission_date") : null;
        String status = hasStatus ? result.getString("status") : null;
        BridgedRow row = new BridgedRow(
                peer.name(),
                PeerFormat.text(result, "id"),
                null,
                PeerFormat.text(result, "event_type"),
                PeerFormat.text(result, "serialized_event"),
                Headers.empty(),
                PeerFormat.text(result, "listener_id"),
                status == null ? "INCOMPLETE" : status,
                hasStatus ? result.getInt("completion_attempts") : 0,
                published,
                Map.of());
        boolean later = resubmitted != null && resubmitted.isAfter(published);
        return new PeerRow(row, later && resubmitted != null ? resubmitted : published, null);
    }

    @Override
    public @Nullable String signOfLife(JdbcOperations jdbc, Instant since) {
        Timestamp from = Timestamp.from(since);
        String anyOf = " FROM " + peer.table() + " p WHERE " + selected() + " AND ";
        if (isThere(jdbc, "SELECT MAX(p.completion_date)" + anyOf + "p.completion_date > ?", from)) {
            return "an event publication was completed";
        }
        String undelivered = anyOf + undelivered() + " AND ";
        if (isThere(jdbc, "SELECT MAX(p.publication_date)" + undelivered + "p.publication_date > ?", from)) {
            return "an event was published";
        }
        if (hasStatus
                && isThere(
                        jdbc,
                        "SELECT MAX(p.last_resubmission_date)" + undelivered + "p.last_resubmission_date > ?",
                        from)) {
            return "an event publication was resubmitted";
        }
        return null;
    }

    private boolean isThere(JdbcOperations jdbc, String sql, Timestamp from) {
        List<Object> arguments = new ArrayList<>(selection());
        arguments.add(from);
        return jdbc.queryForObject(sql, Timestamp.class, arguments.toArray()) != null;
    }
}
