package dev.tally.outbox.bridge;

import dev.tally.jdbc.Dialect;
import dev.tally.message.Headers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * transaction-outbox: a row for each recorded method call.
 *
 * <p>A row is deleted once its call has returned; one with a unique request id stays for a while, {@code processed}. One
 * that has failed too often is {@code blocked} (until version 6 of the schema: {@code blacklisted}). An instance claims a
 * row by moving {@code nextAttemptTime} ahead, and locks it while the call runs. Since version 9 a row may have a topic,
 * {@code *} for none: those of one topic run one after the other, by {@code seq}, and are never blocked.
 *
 * <p>A call may have been scheduled for later: that is {@code nextAttemptTime} as well.
 */
final class TransactionOutboxFormat implements PeerFormat {

    private static final String NO_TOPIC = "*";

    private final Peer.TransactionOutbox peer;
    private final Dialect dialect;
    private final @Nullable String blocked;
    private final boolean hasProcessed;
    private final boolean hasLastAttempt;
    private final boolean hasTopic;
    private final boolean hasUniqueRequest;

    TransactionOutboxFormat(Peer.TransactionOutbox peer, PeerColumns columns, Dialect dialect) {
        columns.require("id", "invocation", "nextAttemptTime", "attempts", "version");
        this.peer = peer;
        this.dialect = dialect;
        this.blocked = columns.has("blocked") ? "blocked" : columns.has("blacklisted") ? "blacklisted" : null;
        this.hasProcessed = columns.has("processed");
        this.hasLastAttempt = columns.has("lastAttemptTime");
        this.hasTopic = columns.has("topic") && columns.has("seq");
        this.hasUniqueRequest = columns.has("uniqueRequestId");
    }

    @Override
    public String undelivered() {
        return hasProcessed ? "(p.processed IS NULL OR p.processed = FALSE)" : "1 = 1";
    }

    @Override
    public String selected() {
        return "1 = 1";
    }

    @Override
    public List<String> selection() {
        return List.of();
    }

    @Override
    public String state() {
        // On MySQL the column is text, in all databases of that family.
        String isBlocked = blocked == null
                ? "1 = 0"
                : dialect.isMySqlFamily() ? "p." + blocked + " = '1'" : "p." + blocked + " = TRUE";
        return "CASE WHEN " + isBlocked + " THEN 'BLOCKED' WHEN p.attempts > 0 THEN 'RETRYING' ELSE 'PENDING' END";
    }

    @Override
    public String written() {
        return "p.nextAttemptTime";
    }

    @Override
    public List<String> order() {
        return hasTopic ? List.of("p.topic", "COALESCE(p.seq, 0)") : List.of();
    }

    @Override
    public PeerRow read(ResultSet result) throws SQLException {
        String invocation = PeerFormat.text(result, "invocation");
        String topic = hasTopic ? result.getString("topic") : null;
        int attempts = result.getInt("attempts");
        boolean isBlocked = blocked != null && result.getBoolean(blocked);
        Map<String, String> attributes = new LinkedHashMap<>();
        put(attributes, "uniquerequestid", hasUniqueRequest ? result.getString("uniqueRequestId") : null);
        put(attributes, "seq", hasTopic ? result.getString("seq") : null);
        BridgedRow row = new BridgedRow(
                peer.name(),
                PeerFormat.text(result, "id"),
                topic == null || topic.equals(NO_TOPIC) ? null : topic,
                nameOf(invocation),
                invocation,
                Headers.empty(),
                null,
                isBlocked ? "BLOCKED" : attempts > 0 ? "RETRYING" : "PENDING",
                attempts,
                null,
                attributes);
        Instant next = PeerFormat.instant(result, "nextAttemptTime");
        return new PeerRow(row, next == null ? Instant.EPOCH : next, null);
    }

    private static void put(Map<String, String> attributes, String name, @Nullable String value) {
        if (value != null) {
            attributes.put(name, value);
        }
    }

    /** The class and method, or that it is unknown: an own serializer may write another form, which the mapping knows. */
    private static String nameOf(String invocation) {
        try {
            return RecordedCall.parse(invocation).name();
        } catch (IllegalArgumentException e) {
            return "unknown";
        }
    }

    @Override
    public @Nullable String signOfLife(JdbcOperations jdbc, Instant since) {
        if (!hasLastAttempt) {
            return null;
        }
        Timestamp attempted = jdbc.queryForObject(
                "SELECT MAX(p.lastAttemptTime) FROM " + peer.table() + " p WHERE p.lastAttemptTime > ?",
                Timestamp.class,
                Timestamp.from(since));
        return attempted == null ? null : "a call was attempted";
    }
}
