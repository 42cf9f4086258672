package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.operations.ParkedFilter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The condition that a filter is, over the columns of {@code tally_outbox}; never unknown, so that it can be negated. */
record ParkedCondition(String sql, List<Object> parameters) {

    private static final String ESCAPE = "!";

    static ParkedCondition of(ParkedFilter filter, Dialect dialect) {
        List<String> conditions = new ArrayList<>(List.of("1 = 1"));
        List<Object> parameters = new ArrayList<>();
        String reason = filter.reason();
        if (reason != null) {
            conditions.add("LOWER(COALESCE(last_error, '')) LIKE ? ESCAPE '" + ESCAPE + "'");
            parameters.add("%" + escaped(reason.toLowerCase(Locale.ROOT)) + "%");
        }
        equal(conditions, parameters, "type", filter.type());
        equal(conditions, parameters, "topic", filter.topic());
        equal(conditions, parameters, "COALESCE(msg_key, '')", filter.key());
        Instant from = filter.from();
        if (from != null) {
            conditions.add(dialect.epochMicros("created_at") + " >= ?");
            parameters.add(micros(from));
        }
        Instant until = filter.until();
        if (until != null) {
            conditions.add(dialect.epochMicros("created_at") + " < ?");
            parameters.add(micros(until));
        }
        return new ParkedCondition("(" + String.join(" AND ", conditions) + ")", parameters);
    }

    private static void equal(List<String> conditions, List<Object> parameters, String column, @Nullable String value) {
        if (value != null) {
            conditions.add(column + " = ?");
            parameters.add(value);
        }
    }

    private static String escaped(String text) {
        return text.replace(ESCAPE, ESCAPE + ESCAPE).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_");
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
