package dev.tally.outbox.jdbc;

import dev.tally.message.Destination;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxEntry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/** How a message becomes the columns of a row, and back. */
final class Rows {

    /** The columns that {@link #entry} and {@link #message} read. */
    static final String COLUMNS =
            "id, owner, message_id, topic, tag, msg_key, type, headers, payload, attempts, last_error";

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

    OutboxEntry entry(ResultSet row) throws SQLException {
        return new OutboxEntry(row.getLong("id"), required(row, "owner"), message(row), row.getInt("attempts"));
    }

    Message message(ResultSet row) throws SQLException {
        return new Message(
                new MessageId(required(row, "message_id")),
                new Destination(required(row, "topic"), row.getString("tag")),
                row.getString("msg_key"),
                required(row, "type"),
                headers.read(row.getString("headers")),
                Objects.requireNonNull(row.getBytes("payload"), "payload"));
    }

    static Instant instant(long epochMicros) {
        return Instant.EPOCH.plus(epochMicros, ChronoUnit.MICROS);
    }

    static String required(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(row.getString(column), column);
    }
}
