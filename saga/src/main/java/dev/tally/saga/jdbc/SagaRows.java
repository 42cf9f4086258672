package dev.tally.saga.jdbc;

import dev.tally.message.Headers;
import dev.tally.message.HeadersText;
import dev.tally.saga.SagaState;
import dev.tally.saga.store.Body;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.ParentStep;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.StoredSaga;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Rows and what they mean. Thread-safe. */
final class SagaRows {

    static final int MAX_REASON = 1000;
    static final int MAX_NAME = 100;

    private final SagaJson json;
    private final HeadersText headers = new HeadersText();

    SagaRows(SagaJson json) {
        this.json = json;
    }

    StoredSaga saga(ResultSet row) throws SQLException {
        String parkedKind = row.getString("parked_kind");
        String parent = row.getString("parent_id");
        return new StoredSaga(
                row.getString("saga_id"),
                row.getString("saga_name"),
                row.getInt("definition_version"),
                row.getString("fingerprint"),
                row.getString("business_key"),
                SagaState.valueOf(row.getString("state")),
                row.getInt("backward") != 0,
                parkedKind == null
                        ? null
                        : new Parking(Parking.Kind.valueOf(parkedKind), row.getString("parked_reason")),
                row.getLong("version"),
                json.steps(row.getString("steps")),
                row.getString("data"),
                parent == null
                        ? null
                        : new ParentStep(
                                parent,
                                row.getString("parent_step"),
                                row.getInt("parent_attempt"),
                                row.getInt("parent_undo") != 0),
                Instant.ofEpochMilli(row.getLong("started_at")),
                time(row, "deadline_at"),
                time(row, "wake_at"),
                time(row, "ended_at"));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    HistoryEntry history(ResultSet row) throws SQLException {
        return new HistoryEntry(
                row.getString("saga_id"),
                row.getLong("version"),
                Instant.ofEpochMilli(row.getLong("at")),
                json.events(row.getString("events")),
                row.getString("actor"),
                row.getString("reason"),
                row.getString("data"));
    }

    Mail mail(ResultSet row) throws SQLException {
        return new Mail(
                row.getString("mail_id"),
                row.getString("saga_id"),
                Mail.Kind.valueOf(row.getString("kind")),
                row.getString("name"),
                headers.read(row.getString("headers")).asMap(),
                new Body(row.getString("type"), row.getBytes("payload")),
                row.getString("why"),
                Instant.ofEpochMilli(row.getLong("at")));
    }

    Object[] values(StoredSaga saga) {
        Parking parking = saga.parking();
        ParentStep parent = saga.parent();
        return new Object[] {
            saga.definitionVersion(),
            saga.fingerprint(),
            saga.state().name(),
            saga.backward() ? 1 : 0,
            parking == null ? null : parking.kind().name(),
            parking == null ? null : cut(parking.reason(), MAX_REASON),
            saga.version(),
            json.steps(saga.steps()),
            saga.data(),
            millis(saga.deadlineAt()),
            millis(saga.wakeAt()),
            millis(saga.endedAt()),
            parent == null ? null : parent.sagaId(),
            parent == null ? null : parent.step(),
            parent == null ? null : parent.attempt(),
            parent == null ? null : parent.undo() ? 1 : 0
        };
    }

    Object[] values(HistoryEntry entry) {
        return new Object[] {
            entry.sagaId(),
            entry.version(),
            entry.at().toEpochMilli(),
            json.events(entry.events()),
            entry.actor(),
            cut(entry.reason(), MAX_REASON),
            entry.data()
        };
    }

    Object[] values(Mail mail) {
        return new Object[] {
            mail.sagaId(),
            mail.id(),
            mail.kind().name(),
            cut(mail.name(), MAX_NAME),
            headers.write(Headers.of(mail.headers())),
            mail.body().type(),
            mail.body().bytes(),
            cut(mail.why(), MAX_REASON),
            mail.at().toEpochMilli()
        };
    }

    static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    /** Text for people as every database takes it: PostgreSQL keeps no NUL, and nobody half a character. */
    private static @Nullable String cut(@Nullable String text, int length) {
        if (text == null) {
            return null;
        }
        String kept = text.replace('\0', ' ');
        if (kept.length() <= length) {
            return kept;
        }
        return kept.substring(0, Character.isHighSurrogate(kept.charAt(length - 1)) ? length - 1 : length);
    }
}
