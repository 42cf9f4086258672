package dev.tally.jdbc;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Conditions over a table's columns that all have to hold, and their parameters; what is {@code null} is no condition. Not
 * thread-safe.
 *
 * @since 0.1
 */
public final class Conditions {

    private static final String ESCAPE = "!";

    private final Dialect dialect;
    private final List<String> conditions = new ArrayList<>(List.of("1 = 1"));
    private final List<Object> parameters = new ArrayList<>();

    /** Creates conditions that everything fulfils. */
    public Conditions(Dialect dialect) {
        this.dialect = dialect;
    }

    /** A text expression is this value. */
    public Conditions equal(String expression, @Nullable String value) {
        if (value != null) {
            conditions.add(expression + " = ?");
            parameters.add(value);
        }
        return this;
    }

    /** Any of some text expressions contains this, in any case. */
    public Conditions contain(@Nullable String part, String... expressions) {
        if (part != null) {
            String pattern = "%" + escaped(part.toLowerCase(Locale.ROOT)) + "%";
            conditions.add(Stream.of(expressions)
                    .map(expression -> "LOWER(" + expression + ") LIKE ? ESCAPE '" + ESCAPE + "'")
                    .collect(Collectors.joining(" OR ", "(", ")")));
            for (int i = 0; i < expressions.length; i++) {
                parameters.add(pattern);
            }
        }
        return this;
    }

    /** A time column is from {@code from} on and before {@code until}. */
    public Conditions within(String column, @Nullable Instant from, @Nullable Instant until) {
        bound(dialect.epochMicros(column) + " >= ?", from);
        bound(dialect.epochMicros(column) + " < ?", until);
        return this;
    }

    private void bound(String condition, @Nullable Instant instant) {
        if (instant != null) {
            conditions.add(condition);
            parameters.add(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
        }
    }

    private static String escaped(String text) {
        return text.replace(ESCAPE, ESCAPE + ESCAPE).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_");
    }

    /** All of it, in parentheses. */
    public String sql() {
        return "(" + String.join(" AND ", conditions) + ")";
    }

    /** The parameters, in order. */
    public List<Object> parameters() {
        return List.copyOf(parameters);
    }
}
