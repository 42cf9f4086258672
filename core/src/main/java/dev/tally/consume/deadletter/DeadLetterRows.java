package dev.tally.consume.deadletter;

import dev.tally.jdbc.Dialect;
import dev.tally.message.Destination;
import dev.tally.message.HeadersText;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Reads and writes rows of the table {@code tally_dead_letter}. Thread-safe. */
final class DeadLetterRows {

    static final String TABLE = "tally_dead_letter";
    static final String INSERT =
            "INSERT INTO " + TABLE + " (consumer_group, message_id, topic, tag, msg_key, type, headers,"
                    + " payload, attempts, reason, exception, stack, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final HeadersText headers = new HeadersText();
    private final String listed;

    DeadLetterRows(Dialect dialect) {
        listed = "consumer_group, message_id, topic, msg_key, type, attempts, reason, exception, stored_at, "
                + dialect.epochMicros("dead_at") + " AS dead_micros, replay_at, replay_forced";
    }

    /** Selects what {@link #listed(ResultSet)} reads, of the table as {@code d}. */
    String selectListed() {
        return "SELECT " + listed + " FROM " + TABLE + " d";
    }

    /** Selects what {@link #whole} reads. */
    String selectWhole() {
        return "SELECT " + listed + ", tag, headers, payload, stack FROM " + TABLE;
    }

    void set(PreparedStatement row, DeadLetter letter) throws SQLException {
        Message message = letter.message();
        Instant storedAt = letter.storedAt();
        row.setString(1, letter.group());
        row.setString(2, message.id().value());
        row.setString(3, message.destination().topic());
        row.setString(4, message.destination().tag());
        row.setString(5, message.key());
        row.setString(6, message.type());
        row.setString(7, headers.write(message.headers()));
        row.setBytes(8, message.payload());
        row.setInt(9, letter.attempts());
        row.setString(10, letter.failure().reason());
        row.setString(11, letter.failure().exception());
        row.setString(12, letter.failure().stack());
        if (storedAt == null) {
            row.setNull(13, Types.BIGINT);
        } else {
            row.setLong(13, ChronoUnit.MICROS.between(Instant.EPOCH, storedAt));
        }
    }

    ListedDeadLetter listed(ResultSet row) throws SQLException {
        Instant dueAt = instant(row, "replay_at");
        return new ListedDeadLetter(
                row.getString("consumer_group"),
                new MessageId(row.getString("message_id")),
                row.getString("topic"),
                row.getString("msg_key"),
                row.getString("type"),
                row.getInt("attempts"),
                row.getString("reason"),
                row.getString("exception"),
                instant(row, "stored_at"),
                instant(row, "dead_micros"),
                dueAt == null ? null : new DeadLetter.Replay(dueAt, row.getInt("replay_forced") != 0));
    }

    DeadLetter whole(ResultSet row) throws SQLException {
        ListedDeadLetter known = listed(row);
        return new DeadLetter(
                known.group(),
                new Message(
                        known.id(),
                        new Destination(known.topic(), row.getString("tag")),
                        known.key(),
                        known.type(),
                        headers.read(row.getString("headers")),
                        row.getBytes("payload")),
                known.attempts(),
                new DeadLetterFailure(known.reason(), known.exception(), row.getString("stack")),
                known.storedAt(),
                known.since(),
                known.replay());
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        long micros = row.getLong(column);
        return row.wasNull() ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
