package dev.tally.message;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Headers as the text of a column: a JSON object of strings, {@code null} for none. Thread-safe.
 *
 * @since 0.1
 */
public final class HeadersText {

    private static final TypeReference<LinkedHashMap<String, String>> STRINGS = new TypeReference<>() {};

    private final JsonMapper mapper = JsonMapper.shared();

    /** What was written last: most messages of a service have the same headers, or a trace that differs each time. */
    private record Written(Headers headers, String text) {}

    private volatile Written last = new Written(Headers.empty(), "{}");

    /** The text of {@code headers}, {@code null} if there are none. */
    public @Nullable String write(Headers headers) {
        if (headers.asMap().isEmpty()) {
            return null;
        }
        Written written = last;
        if (!written.headers().equals(headers)) {
            written = new Written(headers, mapper.writeValueAsString(headers.asMap()));
            last = written;
        }
        return written.text();
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalArgumentException for JSON that is not an object of strings
     */
    public Headers read(@Nullable String text) {
        if (text == null) {
            return Headers.empty();
        }
        Map<String, String> read = mapper.readValue(text, STRINGS);
        if (read == null || read.values().stream().anyMatch(Objects::isNull)) {
            throw new IllegalArgumentException("its headers are no JSON object of strings");
        }
        return Headers.of(read);
    }
}
