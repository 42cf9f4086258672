package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.client.UnsendableMessageException;
import dev.tally.transport.wire.CloudEventAttributes;
import dev.tally.transport.wire.WireNames;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tally's message as an AMQP message and back. Immutable.
 *
 * <p>The id is the property {@code message-id}, and the header {@code tally-id}, by which Tally's messages are known; the
 * type is the property {@code type}, the content type {@code content-type}, the key the routing key; what does not fit
 * there, and the key as it is, are headers. Headers are headers of their own names, see {@link WireHeaders}.
 */
final class MessageTranslation {

    /** In messages for people. */
    static final String PRODUCT = "RabbitMQ";

    private static final String CLOUD_EVENTS = "cloudEvents:";
    private static final int PERSISTENT = 2;

    private static final Set<String> OWN = Set.of(WireNames.ID, WireNames.TYPE, WireNames.KEY, WireNames.TAG);

    private static final Set<String> NEVER_ON_THE_WIRE = Set.of(Headers.DELAY, Headers.DELIVER_AT);

    private final int maxMessageBytes;
    private final ForeignWithoutId foreignWithoutId;
    private final CloudEventAttributes cloudEvents;

    /** What others write who do not reach the colon in the names of AMQP 1.0's application properties. */
    private final CloudEventAttributes cloudEventsOfJms = new CloudEventAttributes("cloudEvents_", null);

    private final InstantSource clock;

    MessageTranslation(RabbitMqSettings settings, InstantSource clock) {
        this.maxMessageBytes = settings.maxMessageBytes();
        this.foreignWithoutId = settings.foreignWithoutId();
        this.cloudEvents = new CloudEventAttributes(CLOUD_EVENTS, settings.cloudEventSource());
        this.clock = clock;
    }

    /**
     * The message's properties at the broker.
     *
     * @throws UnsendableMessageException if RabbitMQ cannot carry the message
     */
    AMQP.BasicProperties toWire(Message message) {
        requireTopic(message);
        requireSize(message);
        AMQP.BasicProperties.Builder properties = new AMQP.BasicProperties.Builder()
                .messageId(message.id().value())
                .deliveryMode(PERSISTENT)
                .timestamp(Date.from(clock.instant()));
        Map<String, String> own = new LinkedHashMap<>();
        own.put(WireNames.ID, message.id().value());
        putUnlessNull(own, WireNames.KEY, message.key());
        putUnlessNull(own, WireNames.TAG, message.destination().tag());
        if (isProperty(message.type())) {
            properties.type(message.type());
        } else if (!message.type().isEmpty()) {
            own.put(WireNames.TYPE, message.type());
        }
        own.putAll(cloudEvents.of(message));
        Map<String, String> headers = new LinkedHashMap<>(message.headers().asMap());
        headers.keySet().removeAll(NEVER_ON_THE_WIRE);
        String contentType = headers.get(Headers.CONTENT_TYPE);
        if (contentType != null && isProperty(contentType)) {
            properties.contentType(contentType);
            headers.remove(Headers.CONTENT_TYPE);
        }
        requireNames(message, headers);
        Map<String, Object> wire =
                WireHeaders.write(headers, name -> OWN.contains(name) || cloudEvents.isWritten(name));
        wire.putAll(own);
        AMQP.BasicProperties built = properties.headers(wire).build();
        long size = WireSize.of(built);
        if (size > WireSize.MAX_PROPERTIES_BYTES) {
            throw refused(
                    message,
                    "its headers, key and type take " + size + " bytes, the limit is " + WireSize.MAX_PROPERTIES_BYTES
                            + ", since RabbitMQ wants them in one frame");
        }
        return built;
    }

    /**
     * The key, as far as a routing key can have it: a long one is its digest.
     */
    static String routingKey(@Nullable String key) {
        if (key == null) {
            return "";
        }
        return QueueNames.bytesOf(key) <= QueueNames.MAX_NAME_BYTES
                ? key
                // Too long for an id too, so this is the key's digest.
                : MessageId.ofForeign(key).value();
    }

    /**
     * What was delivered.
     *
     * @param topic the topic of the subscription
     * @return empty for a message without an id, where such are refused
     */
    Optional<ReceivedMessage> fromWire(String topic, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        Map<String, Object> wire = properties.getHeaders() == null ? Map.of() : properties.getHeaders();
        UnaryOperator<String> header = lookUp(wire);
        String given = header.apply(WireNames.ID);
        boolean own = given != null && MessageId.isPossible(given);
        Optional<MessageId> id = own && given != null
                ? Optional.of(new MessageId(given))
                : foreignId(header, envelope, properties, body);
        return id.map(found -> {
            Map<String, String> headers = WireHeaders.read(
                    wire, name -> OWN.contains(name) || NEVER_ON_THE_WIRE.contains(name) || isWritten(name, own));
            if (properties.getContentType() != null) {
                headers.putIfAbsent(Headers.CONTENT_TYPE, properties.getContentType());
            }
            Message message = new Message(
                    found,
                    new Destination(topic, own ? header.apply(WireNames.TAG) : null),
                    own ? header.apply(WireNames.KEY) : foreignKey(header, envelope),
                    type(header, properties),
                    Headers.of(headers),
                    body);
            return new ReceivedMessage(message, attempt(wire, envelope), own ? storedAt(wire) : null);
        });
    }

    @SuppressWarnings(
            "NullAway") // it may answer null, which class files of other modules do not tell of type arguments
    private static UnaryOperator<String> lookUp(Map<String, Object> wire) {
        return name -> WireHeaders.text(wire.get(name));
    }

    private Optional<MessageId> foreignId(
            UnaryOperator<String> header, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        String messageId = properties.getMessageId();
        return cloudEvents
                .idOf(header)
                .or(() -> cloudEventsOfJms.idOf(header))
                .or(() -> messageId == null || messageId.isBlank()
                        ? Optional.empty()
                        : Optional.of(MessageId.ofForeign(messageId)))
                .or(() -> foreignWithoutId == ForeignWithoutId.CONTENT
                        ? Optional.of(ForeignId.ofContent(envelope, properties, body))
                        : Optional.empty());
    }

    private static @Nullable String foreignKey(UnaryOperator<String> header, Envelope envelope) {
        for (String name : new String[] {CLOUD_EVENTS + "partitionkey", "cloudEvents_partitionkey"}) {
            String key = header.apply(name);
            if (key != null && !key.isEmpty()) {
                return key;
            }
        }
        String key = envelope.getRoutingKey();
        return key == null || key.isEmpty() ? null : key;
    }

    private String type(UnaryOperator<String> header, AMQP.BasicProperties properties) {
        return Optional.ofNullable(header.apply(WireNames.TYPE))
                .or(() -> Optional.ofNullable(properties.getType()))
                .or(() -> cloudEvents.typeOf(header))
                .or(() -> cloudEventsOfJms.typeOf(header))
                .orElse("");
    }

    /** What Tally writes on its own messages; what a foreign message says of when it was stored may mean anything. */
    private boolean isWritten(String name, boolean own) {
        return own ? cloudEvents.isWritten(name) : name.equals(Headers.STORED_AT);
    }

    /** The broker counts the deliveries that came back; a classic queue says only that there was one. */
    private static int attempt(Map<String, Object> wire, Envelope envelope) {
        long before = Math.max(count(wire.get(WireHeaders.DELIVERIES)), count(wire.get(WireHeaders.ACQUISITIONS)));
        long known = envelope.isRedeliver() ? Math.max(1, before) : before;
        return (int) Math.min(Integer.MAX_VALUE - 1, known) + 1;
    }

    private static long count(@Nullable Object header) {
        return header instanceof Number number ? Math.max(0, number.longValue()) : 0;
    }

    private static @Nullable Instant storedAt(Map<String, Object> wire) {
        return wire.get(WireHeaders.BROKER_TIME) instanceof Number millis
                ? Instant.ofEpochMilli(millis.longValue())
                : null;
    }

    private static void putUnlessNull(Map<String, String> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.put(name, value);
        }
    }

    private static boolean isProperty(String text) {
        return !text.isEmpty() && QueueNames.bytesOf(text) <= QueueNames.MAX_NAME_BYTES;
    }

    private static void requireTopic(Message message) {
        int bytes = QueueNames.bytesOf(message.destination().topic());
        if (bytes > QueueNames.MAX_NAME_BYTES) {
            throw refused(
                    message, "its topic's name has " + bytes + " bytes, AMQP's limit is " + QueueNames.MAX_NAME_BYTES);
        }
    }

    private static void requireNames(Message message, Map<String, String> headers) {
        for (String name : headers.keySet()) {
            int bytes = QueueNames.bytesOf(name);
            if (bytes > QueueNames.MAX_NAME_BYTES) {
                throw refused(
                        message,
                        "the name of its header '" + name.substring(0, 40) + "...' has " + bytes
                                + " bytes, AMQP's limit is " + QueueNames.MAX_NAME_BYTES);
            }
        }
    }

    private void requireSize(Message message) {
        if (message.payload().length > maxMessageBytes) {
            throw refused(
                    message,
                    "its payload has " + message.payload().length + " bytes, the limit maxMessageBytes is "
                            + maxMessageBytes);
        }
    }

    private static UnsendableMessageException refused(Message message, String reason) {
        return new UnsendableMessageException(message, PRODUCT, reason);
    }
}
