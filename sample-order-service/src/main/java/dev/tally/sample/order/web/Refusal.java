package dev.tally.sample.order.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a request.
 *
 * @param line the order line, counted from 1; absent if it is not about a line
 * @param field the field, for instance {@code quantity}
 * @param reason what is wrong with it, for instance {@code is less than 1}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Refusal(@Nullable Integer line, String field, String reason) {

    private static final Pattern IN_A_LINE = Pattern.compile("lines\\[(\\d+)](?:\\.(\\w+))?");

    /** A refusal of what is at {@code path}, for instance {@code lines[2].quantity}. */
    static Refusal at(String path, @Nullable String reason) {
        String said = reason != null ? reason : "is not valid";
        Matcher inLine = IN_A_LINE.matcher(path);
        if (!inLine.matches()) {
            return new Refusal(null, path, said);
        }
        String field = inLine.group(2);
        return new Refusal(Integer.parseInt(inLine.group(1)) + 1, field != null ? field : "line", said);
    }
}
