package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON bodies of requests and responses.
 *
 * @since 0.1
 */
public final class JsonBody {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonBody() {}

    /** Writes maps, lists and plain values. */
    public static ByteBuffer write(Object value) {
        return ByteBuffer.wrap(JSON.writeValueAsBytes(value));
    }

    /** Reads a body that must be an object; {@code what} names it in the refusal. */
    public static JsonNode readObject(ByteBuffer body, String what) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        try {
            JsonNode node = JSON.readTree(bytes);
            if (node == null || !node.isObject()) {
                throw new MalformedCommandException("The body of a " + what + " is no JSON object");
            }
            return node;
        } catch (JacksonException e) {
            throw new MalformedCommandException("The body of a " + what + " is no JSON", e);
        }
    }

    static String requiredText(JsonNode node, String name, String what) {
        String text = node.path(name).asString("");
        if (text.isEmpty()) {
            throw new MalformedCommandException("'" + name + "' is missing in the body of a " + what);
        }
        return text;
    }

    /** The text of maps, lists and plain values. */
    public static String text(Object value) {
        return JSON.writeValueAsString(value);
    }

    /** The value that a text stands for, as maps, lists and plain values. */
    public static Object value(String text, String what) {
        try {
            return JSON.readValue(text, Object.class);
        } catch (JacksonException e) {
            throw new MalformedCommandException("The " + what + " is no JSON", e);
        }
    }
}
