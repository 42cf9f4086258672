package dev.tally.outbox.jdbc;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.HeadersText;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.ParkedEntry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * How a message becomes the columns of a row, and back.
 *
 * <p>Rows say in which format they are written, and a table is shared by the nodes of two versions while one replaces the
 * other. So a version that reads another format comes before the one that writes it, a column that is added has a default,
 * and statements name their columns.
 */
final class Rows {

    /** The highest format that is read; the one that is written is the column's default, 1. */
    static final int FORMAT = 1;

    /** The columns that a message is made of, apart from {@code id}. */
    static final String MESSAGE = "message_id, topic, tag, msg_key, type, headers, payload, format, attempts";

    /** The columns that {@link #entry} and {@link #message} read. */
    static final String COLUMNS = "id, owner, state, last_error, " + MESSAGE;

    /** The state of rows that have waited for their time. */
    static final String DUE = "DUE";

    private static final Destination UNKNOWN = Destination.topic("?");

    private final HeadersText headers = new HeadersText();

    void bind(PreparedStatement insert, String owner, Message message) throws SQLException {
        insert.setString(1, owner);
        insert.setString(2, message.id().value());
        insert.setString(3, message.destination().topic());
        insert.setString(4, message.destination().tag());
        insert.setString(5, message.key());
        insert.setString(6, message.type());
        insert.setString(7, headers.write(message.headers()));
        insert.setBytes(8, message.payload());
    }

    OutboxEntry entry(ResultSet row) throws SQLException, UnreadableRow {
        long id = row.getLong("id");
        String owner = required(row, "owner");
        int format = row.getInt("format");
        try {
            if (format < 1 || format > FORMAT) {
                throw new IllegalArgumentException("it has format " + format + ", and this version reads up to "
                        + FORMAT + "; resume it when nodes of a later version run");
            }
            boolean isDue = DUE.equals(row.getString("state"));
            Message message = message(row);
            return new OutboxEntry(id, owner, isDue ? withoutTime(message) : message, row.getInt("attempts"), isDue);
        } catch (IllegalArgumentException | JacksonException e) {
            String found = e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
            throw new UnreadableRow(id, owner, found == null ? e.toString() : found, e);
        }
    }

    private Message message(ResultSet row) throws SQLException {
        return new Message(
                new MessageId(required(row, "message_id")),
                new Destination(required(row, "topic"), row.getString("tag")),
                row.getString("msg_key"),
                required(row, "type"),
                headers.read(row.getString("headers")),
                payload(row));
    }

    /** The message for people: what cannot be read is left out, since they are to see that there is one. */
    Message messageAsFarAsReadable(ResultSet row) throws SQLException {
        return new Message(
                id(required(row, "message_id"), row.getLong("id")),
                destination(required(row, "topic"), row.getString("tag")),
                row.getString("msg_key"),
                required(row, "type"),
                headersAsFarAsReadable(row.getString("headers")),
                payload(row));
    }

    /** A parked row for people; {@code created_micros} is read as well. */
    ParkedEntry parked(ResultSet row) throws SQLException {
        return new ParkedEntry(
                row.getLong("id"),
                messageAsFarAsReadable(row),
                row.getInt("attempts"),
                reason(row),
                instant(row.getLong("created_micros")));
    }

    /** Why sending failed last; empty if it did not. */
    static String reason(ResultSet row) throws SQLException {
        String reason = row.getString("last_error");
        return reason == null ? "" : reason;
    }

    private static MessageId id(String value, long id) {
        return value.isBlank() ? new MessageId("row-" + id) : new MessageId(value);
    }

    private static Destination destination(String topic, @Nullable String tag) {
        return topic.isBlank() ? UNKNOWN : new Destination(topic, tag);
    }

    /** For people as well: none where they cannot be read. */
    Headers headersAsFarAsReadable(@Nullable String text) {
        try {
            return headers.read(text);
        } catch (IllegalArgumentException | JacksonException e) {
            return Headers.empty();
        }
    }

    private static byte[] payload(ResultSet row) throws SQLException {
        return Objects.requireNonNull(row.getBytes("payload"), "payload");
    }

    /** Its time has come by the database's clock: the broker's may be behind. */
    private static Message withoutTime(Message message) {
        Map<String, String> headers = new LinkedHashMap<>(message.headers().asMap());
        headers.remove(Headers.DELAY);
        headers.remove(Headers.DELIVER_AT);
        return new Message(
                message.id(),
                message.destination(),
                message.key(),
                message.type(),
                Headers.of(headers),
                message.payload());
    }

    static Instant instant(long epochMicros) {
        return Instant.EPOCH.plus(epochMicros, ChronoUnit.MICROS);
    }

    static String required(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(row.getString(column), column);
    }
}
