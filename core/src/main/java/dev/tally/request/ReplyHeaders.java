package dev.tally.request;

import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The headers of a reply that are kept with it: those that its handler set, but for what belongs to one connection, one
 * session or one caller and is made anew for each request.
 */
final class ReplyHeaders {

    private static final Set<String> NOT_KEPT = Set.of(
            "content-type", // kept apart
            "content-length",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "date",
            "set-cookie",
            "vary");
    private static final String CORS = "access-control-";
    private static final TypeReference<Map<String, List<String>>> TYPE = new TypeReference<>() {};

    private ReplyHeaders() {}

    static Map<String, List<String>> of(HttpServletResponse response) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : response.getHeaderNames()) {
            headers.put(name, new ArrayList<>(response.getHeaders(name)));
        }
        return headers;
    }

    /** As JSON; {@code null} for none. */
    static @Nullable String kept(JsonMapper mapper, Map<String, List<String>> before, HttpServletResponse response) {
        Map<String, List<String>> kept = of(response);
        kept.entrySet()
                .removeIf(
                        header -> !isKept(header.getKey()) || header.getValue().equals(before.get(header.getKey())));
        return kept.isEmpty() ? null : mapper.writeValueAsString(kept);
    }

    private static boolean isKept(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !NOT_KEPT.contains(lower) && !lower.startsWith(CORS);
    }

    static void set(JsonMapper mapper, @Nullable String kept, HttpServletResponse response) {
        if (kept == null) {
            return;
        }
        mapper.readValue(kept, TYPE).forEach((name, values) -> set(response, name, values));
    }

    private static void set(HttpServletResponse response, String name, Collection<String> values) {
        boolean first = true;
        for (String value : values) {
            if (first) {
                response.setHeader(name, value);
            } else {
                response.addHeader(name, value);
            }
            first = false;
        }
    }
}
