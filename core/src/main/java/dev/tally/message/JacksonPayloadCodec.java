package dev.tally.message;

import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Payloads as JSON, by the application's own mapper. Thread-safe.
 *
 * <p>Properties that a class does not know follow the mapper (by default they are ignored, so that a newer sender does
 * not break an older consumer). Bytes that are not exactly one JSON value, a JSON {@code null}, and a null for a
 * primitive are refused whatever the mapper says: half-read garbage must not reach a handler.
 *
 * @since 0.1
 */
public final class JacksonPayloadCodec implements PayloadCodec {

    private final JsonMapper mapper;

    /** Creates a codec over {@code mapper}. */
    public JacksonPayloadCodec(JsonMapper mapper) {
        this.mapper = Objects.requireNonNull(mapper, "mapper");
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public byte[] encode(Object payload) {
        try {
            return mapper.writeValueAsBytes(payload);
        } catch (JacksonException e) {
            throw new PayloadUnwritableException(
                    "Cannot encode a payload of " + payload.getClass().getName() + " as JSON: " + e.getOriginalMessage()
                            + "; nothing was published",
                    e);
        }
    }

    @Override
    public <T> T decode(byte[] payload, Class<T> type) {
        T value;
        try {
            value = mapper.readerFor(type)
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .readValue(payload);
        } catch (JacksonException e) {
            throw new PayloadUnreadableException(
                    "Cannot read " + payload.length + " bytes as " + MessageTypes.nameOf(type) + ": "
                            + e.getOriginalMessage(),
                    e);
        }
        if (value == null) {
            throw new PayloadUnreadableException("Cannot read " + payload.length + " bytes as "
                    + MessageTypes.nameOf(type) + ": they are a JSON null");
        }
        return value;
    }
}
