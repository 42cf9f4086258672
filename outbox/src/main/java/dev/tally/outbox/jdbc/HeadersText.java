package dev.tally.outbox.jdbc;

import dev.tally.message.Headers;
import java.util.LinkedHashMap;
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

    Headers read(@Nullable String text) {
        return text == null ? Headers.empty() : Headers.of(mapper.readValue(text, STRINGS));
    }
}
