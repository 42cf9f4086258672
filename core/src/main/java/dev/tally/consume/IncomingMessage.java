package dev.tally.consume;

import dev.tally.message.Message;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A received message as expressions see it, see {@link IdempotentConsumer#id()}.
 *
 * @since 0.1
 */
public final class IncomingMessage {

    private final Message message;

    IncomingMessage(Message message) {
        this.message = message;
    }

    /** The id that the transport gave it. */
    public String getId() {
        return message.id().value();
    }

    /** Its topic. */
    public String getTopic() {
        return message.destination().topic();
    }

    /** Its tag, or {@code null}. */
    public @Nullable String getTag() {
        return message.destination().tag();
    }

    /** Its key, or {@code null}. */
    public @Nullable String getKey() {
        return message.key();
    }

    /** The logical name of its payload's type; empty where its producer gave none. */
    public String getType() {
        return message.type();
    }

    /** Its headers. */
    public Map<String, String> getHeaders() {
        return message.headers().asMap();
    }

    /** Its payload as UTF-8 text. */
    public String getText() {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    /**
     * A value in a payload that is JSON.
     *
     * @param pointer a JSON pointer, for instance {@code /order/id}
     * @return {@code null} if the payload is no JSON or has no such value
     */
    public @Nullable String json(String pointer) {
        try {
            JsonNode node = JsonMapper.shared().readTree(message.payload()).at(pointer);
            return node.isMissingNode() || node.isNull() ? null : node.asString();
        } catch (JacksonException e) {
            return null;
        }
    }
}
