package dev.tally.outbox.bridge;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One undelivered row of another outbox.
 *
 * @param bridge whose, for instance {@code modulith}
 * @param id the row's primary key, as text
 * @param key what orders the row there; {@code null} where nothing does
 * @param type what it is, as written there: the class of the event or of the payload, or class and method of the call
 * @param payload the serialized event, payload or call
 * @param headers what was stored beside the payload for the receiver
 * @param target who it is for there: the id of the listener or of the handler; {@code null} where there is none
 * @param state its state, in the other's words
 * @param attempts failed attempts there, as far as they are counted
 * @param createdAt when it was written; {@code null} where that is not kept
 * @param attributes further columns, by their names in lower case
 * @since 0.1
 */
public record BridgedRow(
        String bridge,
        String id,
        @Nullable String key,
        String type,
        String payload,
        Headers headers,
        @Nullable String target,
        String state,
        int attempts,
        @Nullable Instant createdAt,
        Map<String, String> attributes) {

    /** Copies the attributes. */
    public BridgedRow {
        attributes = Map.copyOf(attributes);
    }

    /**
     * The id for this row's message: always the same one for the same row, so that consumers with an inbox would
     * recognize it if it ever came again.
     */
    public MessageId messageId() {
        String readable = bridge + ":" + id;
        return new MessageId(
                readable.length() <= MessageId.MAX_LENGTH
                        ? readable
                        : bridge + "#" + UUID.nameUUIDFromBytes(readable.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * A message with this row's id, headers and payload, the payload in UTF-8.
     *
     * @param topic where it goes
     * @param key the key that orders it, or {@code null}
     * @param messageType the logical name of its type
     */
    public Message toMessage(String topic, @Nullable String key, String messageType) {
        return toMessage(topic, key, messageType, payload);
    }

    /** The same with another payload. */
    public Message toMessage(String topic, @Nullable String key, String messageType, String text) {
        return new Message(
                messageId(),
                Destination.topic(topic),
                key,
                messageType,
                headers,
                text.getBytes(StandardCharsets.UTF_8));
    }

    /** Without payload, headers and attributes, which are not for logs. */
    @Override
    public String toString() {
        return "BridgedRow[bridge=" + bridge + ", id=" + id + ", key=" + key + ", type=" + type + ", target=" + target
                + ", state=" + state + "]";
    }
}
