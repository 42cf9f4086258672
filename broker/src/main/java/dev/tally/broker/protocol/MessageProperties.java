package dev.tally.broker.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message's properties as the wire writes them: {@code name \u0001 value \u0002}, repeated.
 *
 * @since 0.1
 */
public final class MessageProperties {

    private static final char NAME_END = 1;
    private static final char PAIR_END = 2;

    private MessageProperties() {}

    /** Reads properties; pairs without a name or a value are skipped as the clients do. */
    public static Map<String, String> parse(@Nullable String text) {
        Map<String, String> properties = new LinkedHashMap<>();
        if (text == null) {
            return properties;
        }
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf(PAIR_END, start);
            if (end < 0) {
                end = text.length();
            }
            int nameEnd = text.indexOf(NAME_END, start);
            if (nameEnd > start && nameEnd < end - 1) {
                properties.put(text.substring(start, nameEnd), text.substring(nameEnd + 1, end));
            }
            start = end + 1;
        }
        return properties;
    }

    /** Writes properties. */
    public static String format(Map<String, String> properties) {
        StringBuilder text = new StringBuilder(properties.size() * 24);
        properties.forEach((name, value) ->
                text.append(name).append(NAME_END).append(value).append(PAIR_END));
        return text.toString();
    }
}
