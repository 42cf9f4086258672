package dev.tally.outbox.bridge;

import dev.tally.message.Headers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * namastack-outbox: a record for each payload and handler, {@code NEW}, {@code FAILED} (retries used up) or
 * {@code COMPLETED}; completed ones may be deleted. Records of one key are handled in the order of {@code created_at},
 * which has whole seconds on MySQL and MariaDB.
 *
 * <p>A record is not locked while it is handled, but the keys' partitions belong to instances, which write heartbeats.
 */
final class NamastackFormat implements PeerFormat {

    private static final TypeReference<Map<String, String>> STRINGS = new TypeReference<>() {};
    private static final String ALL = "1 = 1";

    private final Peer.Namastack peer;

    NamastackFormat(Peer.Namastack peer, PeerColumns columns, PeerColumns instanceColumns) {
        columns.require(
                "id",
                "status",
                "record_key",
                "record_type",
                "payload",
                "context",
                "created_at",
                "completed_at",
                "failure_count",
                "handler_id");
        instanceColumns.require("instance_id", "status", "last_heartbeat");
        this.peer = peer;
    }

    @Override
    public String undelivered() {
        return "p.status <> 'COMPLETED'";
    }

    @Override
    public String selected() {
        int handlers = peer.handlers().size();
        return handlers == 0 ? ALL : PeerFormat.anyLike("p.handler_id", handlers);
    }

    @Override
    public List<String> selection() {
        return PeerFormat.likePatterns(peer.handlers());
    }

    @Override
    public String state() {
        return "p.status";
    }

    @Override
    public String written() {
        return "p.created_at";
    }

    @Override
    public List<String> order() {
        return List.of("p.created_at");
    }

    @Override
    public PeerRow read(ResultSet result) throws SQLException {
        Instant created = Objects.requireNonNull(PeerFormat.instant(result, "created_at"));
        String context = result.getString("context");
        Headers headers = Headers.empty();
        String fault = null;
        try {
            headers = headers(context);
        } catch (JacksonException e) {
            fault = "its context is not a JSON object of strings";
        }
        String failure = result.getString("failure_reason");
        BridgedRow row = new BridgedRow(
                peer.name(),
                PeerFormat.text(result, "id"),
                PeerFormat.text(result, "record_key"),
                PeerFormat.text(result, "record_type"),
                PeerFormat.text(result, "payload"),
                headers,
                PeerFormat.text(result, "handler_id"),
                PeerFormat.text(result, "status"),
                result.getInt("failure_count"),
                created,
                failure == null ? Map.of() : Map.of("failure_reason", failure));
        return new PeerRow(row, created, fault);
    }

    private static Headers headers(@Nullable String context) {
        if (context == null || context.isBlank()) {
            return Headers.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        JsonMapper.shared().readValue(context, STRINGS).forEach((name, value) -> {
            // Those of Tally mean something to it, and a null is no text.
            if (value != null && !name.startsWith(Headers.RESERVED_PREFIX)) {
                values.put(name, value);
            }
        });
        return Headers.of(values);
    }

    @Override
    public @Nullable String signOfLife(JdbcOperations jdbc, Instant since) {
        List<String> alive = jdbc.query(
                "SELECT instance_id, status, last_heartbeat FROM " + peer.instanceTable() + " WHERE status <> 'DEAD'",
                (result, number) -> {
                    Instant heartbeat = PeerFormat.instant(result, "last_heartbeat");
                    boolean isRecent = heartbeat != null && heartbeat.isAfter(since);
                    return isRecent ? PeerFormat.text(result, "instance_id") : "";
                });
        return alive.stream()
                .filter(id -> !id.isEmpty())
                .findFirst()
                .map(id -> "instance " + id + " wrote its heartbeat")
                .orElse(null);
    }
}
