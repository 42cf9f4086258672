package dev.tally.saga.participant;

import dev.tally.message.EncodedPayload;
import dev.tally.saga.message.ReplyOutcome;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Rows of the barrier's table. */
final class BarrierRows {

    static final String COLUMNS = """
            SELECT saga_id,
                step,
                state,
                runs,
                %s AS claimed_millis,
                action_outcome,
                action_reason,
                action_type,
                action_reply,
                undo_outcome,
                undo_reason,
                undo_type,
                undo_reply,
                undo_attempt,
                token_type,
                token""";

    private BarrierRows() {}

    static BarrierRow read(ResultSet row) throws SQLException {
        long claimedMillis = row.getLong("claimed_millis");
        boolean claimed = !row.wasNull();
        return new BarrierRow(
                new StepKey(row.getString("saga_id"), row.getString("step")),
                BarrierState.valueOf(row.getString("state")),
                answer(row, "action"),
                answer(row, "undo"),
                row.getInt("undo_attempt"),
                payload(row, "token_type", "token"),
                row.getInt("runs"),
                claimed ? Duration.ofMillis(claimedMillis) : null);
    }

    private static @Nullable StoredAnswer answer(ResultSet row, String phase) throws SQLException {
        String outcome = row.getString(phase + "_outcome");
        EncodedPayload payload = payload(row, phase + "_type", phase + "_reply");
        return outcome == null || payload == null
                ? null
                : new StoredAnswer(ReplyOutcome.valueOf(outcome), row.getString(phase + "_reason"), payload);
    }

    private static @Nullable EncodedPayload payload(ResultSet row, String type, String bytes) throws SQLException {
        String name = row.getString(type);
        byte[] content = row.getBytes(bytes);
        return name == null || content == null ? null : new EncodedPayload(name, content);
    }

    /** The parameters of the update, the key last. */
    static void set(PreparedStatement statement, BarrierRow row) throws SQLException {
        EncodedPayload token = row.undoToken();
        statement.setString(1, row.state().name());
        statement.setInt(2, row.runs());
        statement.setInt(3, row.claimedFor() == null ? 0 : 1);
        setAnswer(statement, 4, row.action());
        setAnswer(statement, 8, row.undo());
        statement.setInt(12, row.undoAttempt());
        statement.setString(13, token == null ? null : token.type());
        statement.setBytes(14, token == null ? null : token.bytes());
        statement.setString(15, row.key().sagaId());
        statement.setString(16, row.key().step());
    }

    private static void setAnswer(PreparedStatement statement, int from, @Nullable StoredAnswer answer)
            throws SQLException {
        statement.setString(from, answer == null ? null : answer.outcome().name());
        statement.setString(from + 1, answer == null ? null : answer.reason());
        statement.setString(from + 2, answer == null ? null : answer.payload().type());
        statement.setBytes(from + 3, answer == null ? null : answer.payload().bytes());
    }
}
