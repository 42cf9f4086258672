package dev.tally.outbox.jdbc;

import dev.tally.message.Headers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Headers as the text of a column: a JSON object of strings, {@code null} for none. */
final class HeadersText {

    private static final TypeReference<LinkedHashMap<String, String>> STRINGS = new TypeReference<>() {};

    private final JsonMapper mapper = JsonMapper.shared();

    @Nullable String write(Headers headers) {
        return headers.asMap().isEmpty() ? null : mapper.writeValueAsString(headers.asMap());
    }

    /** Reads what {@link #write} wrote; refuses JSON that is not an object of strings. */
    Headers read(@Nullable String text) {
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
