package dev.tally.request;

import dev.tally.message.MessageId;
import dev.tally.message.MessageIds;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of requests: a structured string in quotes as the header's specification has it, or plain text as many
 * clients send it; both mean the same key.
 */
final class RequestKey {

    static final int MAX_LENGTH = 255;

    private RequestKey() {}

    /** The key, or {@code null} where {@code values} are not exactly one. */
    static @Nullable String parse(List<String> values) {
        String value = values.size() == 1 ? values.get(0).strip() : "";
        String key = value.startsWith("\"") ? unquoted(value) : value;
        return key == null || key.isBlank() || key.length() > MAX_LENGTH || !isPrintable(key) ? null : key;
    }

    static List<String> values(jakarta.servlet.http.HttpServletRequest request, String header) {
        return Collections.list(request.getHeaders(header));
    }

    private static boolean isPrintable(String key) {
        return key.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    private static @Nullable String unquoted(String value) {
        StringBuilder key = new StringBuilder();
        for (int i = 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                return i == value.length() - 1 ? key.toString() : null;
            }
            if (c == '\\') {
                i++;
                if (i == value.length() || (value.charAt(i) != '"' && value.charAt(i) != '\\')) {
                    return null;
                }
                c = value.charAt(i);
            }
            key.append(c);
        }
        return null;
    }

    /** One id for a key in its scope. What is told apart by line ends has none. */
    static MessageId idOf(String method, String pattern, @Nullable String scope, String key) {
        return new MessageId(
                MessageIds.digest(method + '\n' + pattern + '\n' + (scope == null ? "-" : "=" + scope) + '\n' + key));
    }
}
