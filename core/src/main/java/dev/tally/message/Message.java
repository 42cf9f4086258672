package dev.tally.message;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message with its payload already encoded. Immutable by agreement: the payload array is not copied, and nobody who
 * holds a message changes it.
 *
 * @since 0.1
 */
public final class Message {

    private final MessageId id;
    private final Destination destination;
    private final @Nullable String key;
    private final String type;
    private final Headers headers;
    private final byte[] payload;

    /**
     * Creates a message.
     *
     * @param id its identity
     * @param destination where it goes
     * @param key messages with one key are delivered in order; {@code null} for no order
     * @param type the logical name of the payload's type, see {@link MessageTypes}
     * @param headers its headers
     * @param payload the encoded payload, may be empty
     */
    public Message(
            MessageId id, Destination destination, @Nullable String key, String type, Headers headers, byte[] payload) {
        this.id = Objects.requireNonNull(id, "id");
        this.destination = Objects.requireNonNull(destination, "destination");
        this.key = key;
        this.type = Objects.requireNonNull(type, "type");
        this.headers = Objects.requireNonNull(headers, "headers");
        this.payload = Objects.requireNonNull(payload, "payload");
    }

    /** Its identity. */
    public MessageId id() {
        return id;
    }

    /** Where it goes. */
    public Destination destination() {
        return destination;
    }

    /** The key that orders it, or {@code null}. */
    public @Nullable String key() {
        return key;
    }

    /** The logical name of the payload's type. */
    public String type() {
        return type;
    }

    /** Its headers. */
    public Headers headers() {
        return headers;
    }

    /** The encoded payload; not to be changed. */
    public byte[] payload() {
        return payload;
    }

    @Override
    public String toString() {
        return "Message[id=" + id + ", topic=" + destination.topic() + ", key=" + key + ", type=" + type + ", bytes="
                + payload.length + "]";
    }
}
