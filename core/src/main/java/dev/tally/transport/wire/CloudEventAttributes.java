package dev.tally.transport.wire;

import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A message's attributes as a CloudEvent in binary mode, for transports whose protocol has a binding: the payload stays
 * what it is, and each attribute is a header whose name has the binding's prefix. Thread-safe.
 *
 * <p>Written are {@code specversion}, {@code id}, {@code source}, {@code type} and, where there is a key, the extension
 * {@code partitionkey}; the content type travels where the binding has it. A message without a type has none of them,
 * since a CloudEvent needs one.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents 1.0.2</a>
 * @since 0.1
 */
public final class CloudEventAttributes {

    /** The version of the specification. */
    public static final String SPEC_VERSION = "1.0";

    private final String prefix;
    private final @Nullable String source;

    /**
     * Creates the attributes of a binding.
     *
     * @param prefix before each attribute's name, for instance {@code ce_} for Kafka
     * @param source the context in which events happen, a URI reference that is not empty; {@code null} to write none
     */
    public CloudEventAttributes(String prefix, @Nullable String source) {
        this.prefix = prefix;
        this.source = source;
    }

    /** The headers to add to a message, by their names on the wire. */
    public Map<String, String> of(Message message) {
        Map<String, String> attributes = new LinkedHashMap<>();
        if (source == null || message.type().isBlank()) {
            return attributes;
        }
        attributes.put(prefix + "specversion", SPEC_VERSION);
        attributes.put(prefix + "id", message.id().value());
        attributes.put(prefix + "source", source);
        attributes.put(prefix + "type", message.type());
        String key = message.key();
        if (key != null && !key.isEmpty()) {
            attributes.put(prefix + "partitionkey", key);
        }
        return attributes;
    }

    /** Whether a header on the wire is one of those that {@link #of} writes. */
    public boolean isWritten(String header) {
        return header.startsWith(prefix)
                && switch (header.substring(prefix.length())) {
                    case "specversion", "id", "source", "type", "partitionkey" -> true;
                    default -> false;
                };
    }

    /**
     * The id of a CloudEvent that another producer sent: its source and its id, which together are unique.
     *
     * @param header asks the message for a header on the wire; answers {@code null} where there is none
     */
    public Optional<MessageId> idOf(UnaryOperator<@Nullable String> header) {
        String id = header.apply(prefix + "id");
        String from = header.apply(prefix + "source");
        return id == null || id.isBlank() || from == null || header.apply(prefix + "specversion") == null
                ? Optional.empty()
                : Optional.of(MessageId.ofForeign(from + '/' + id));
    }

    /**
     * The type of a CloudEvent that another producer sent, empty for other messages.
     *
     * @param header asks the message for a header on the wire; answers {@code null} where there is none
     */
    public Optional<String> typeOf(UnaryOperator<@Nullable String> header) {
        return header.apply(prefix + "specversion") == null
                ? Optional.empty()
                : Optional.ofNullable(header.apply(prefix + "type"));
    }
}
