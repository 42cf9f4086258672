package dev.tally.consume.deadletter;

import dev.tally.jdbc.Dialect;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The condition that a filter is, over the columns of {@code tally_dead_letter}. */
record DeadLetterCondition(String sql, List<Object> parameters) {

    private static final String ESCAPE = "!";

    static DeadLetterCondition of(DeadLetterFilter filter, Dialect dialect) {
        List<String> conditions = new ArrayList<>(List.of("1 = 1"));
        List<Object> parameters = new ArrayList<>();
        equal(conditions, parameters, "consumer_group", filter.group());
        equal(conditions, parameters, "topic", filter.topic());
        equal(conditions, parameters, "type", filter.type());
        equal(conditions, parameters, "msg_key", filter.key());
        equal(conditions, parameters, "message_id", filter.id());
        String reason = filter.reason();
        if (reason != null) {
            conditions.add("(LOWER(reason) LIKE ? ESCAPE '" + ESCAPE
                    + "' OR LOWER(COALESCE(exception, '')) LIKE ? ESCAPE '" + ESCAPE + "')");
            String pattern = "%" + escaped(reason.toLowerCase(Locale.ROOT)) + "%";
            parameters.add(pattern);
            parameters.add(pattern);
        }
        bound(conditions, parameters, dialect.epochMicros("dead_at") + " >= ?", filter.from());
        bound(conditions, parameters, dialect.epochMicros("dead_at") + " < ?", filter.until());
        return new DeadLetterCondition(String.join(" AND ", conditions), parameters);
    }

    Object[] parametersAnd(Object last) {
        List<Object> all = new ArrayList<>(parameters);
        all.add(last);
        return all.toArray();
    }

    private static void equal(List<String> conditions, List<Object> parameters, String column, @Nullable String value) {
        if (value != null) {
            conditions.add(column + " = ?");
            parameters.add(value);
        }
    }

    private static void bound(
            List<String> conditions, List<Object> parameters, String condition, @Nullable Instant instant) {
        if (instant != null) {
            conditions.add(condition);
            parameters.add(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
        }
    }

    private static String escaped(String text) {
        return text.replace(ESCAPE, ESCAPE + ESCAPE).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_");
    }
}
