package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.operations.Pause;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Reads the row of {@code tally_outbox_pause}. */
final class PauseRow {

    private final JdbcTemplate jdbc;
    private final String select;

    PauseRow(JdbcTemplate jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        this.select = "SELECT paused_by, reason, " + dialect.epochMicros("paused_at")
                + " AS paused_micros FROM tally_outbox_pause WHERE id = 1";
    }

    @Nullable Pause read() {
        List<Pause> found = jdbc.query(
                select,
                (row, number) -> new Pause(
                        Rows.required(row, "paused_by"),
                        Rows.required(row, "reason"),
                        Rows.instant(row.getLong("paused_micros"))));
        return found.isEmpty() ? null : found.get(0);
    }
}
