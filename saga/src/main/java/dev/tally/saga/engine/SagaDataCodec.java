package dev.tally.saga.engine;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The data of sagas as JSON. Strict: a property too many, or one that is missing, is an error, since a class that was changed
 * must not fill a running saga with defaults. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaDataCodec {

    private final JsonMapper mapper;

    /**
     * Creates the codec.
     *
     * @param mapper the application's; its modules are used
     */
    public SagaDataCodec(JsonMapper mapper) {
        this.mapper = mapper.rebuild()
                .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.ALWAYS))
                .enable(
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    /** The mapper that it works with. */
    public JsonMapper mapper() {
        return mapper;
    }

    /** The JSON of {@code data}. */
    public String encode(Object data) {
        return mapper.writeValueAsString(data);
    }

    /**
     * Reads data.
     *
     * @param title the saga's name and id
     * @throws SagaDataUnreadableException if it is not exactly a {@code type}
     */
    public <D> D decode(String title, String json, Class<D> type) {
        try {
            return mapper.readValue(json, type);
        } catch (JacksonException e) {
            throw new SagaDataUnreadableException(
                    "Cannot read the data of saga " + title + " as " + type.getSimpleName() + ": "
                            + e.getOriginalMessage() + "; the saga is parked as it is",
                    e);
        }
    }
}
