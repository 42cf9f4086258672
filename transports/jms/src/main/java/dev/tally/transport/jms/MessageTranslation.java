package dev.tally.transport.jms;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.wire.CloudEventAttributes;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tally's message as a JMS message and back. Thread-safe.
 *
 * <p>A bytes message has the payload; the key is its {@code JMSXGroupID}, the type its {@code JMSType}, the content type the
 * property that both brokers hand to AMQP clients as theirs. Id, type, key and tag are also properties, named so that JMS
 * allows them; headers are properties of their own names, see {@link WireProperties}; CloudEvents attributes have AMQP's
 * prefix for JMS.
 */
final class MessageTranslation {

    static final String ID = "tally_id";
    static final String TYPE = "tally_type";
    static final String KEY = "tally_key";
    static final String TAG = "tally_tag";
    static final String GROUP = "JMSXGroupID";
    static final String CONTENT_TYPE = "JMS_AMQP_ContentType";
    static final String CLOUD_EVENT = "cloudEvents_";

    private static final Set<String> EVENT_IDENTITY = Set.of("specversion", "id", "source");
    private static final Set<String> OWN = Set.of(ID, TYPE, KEY, TAG, WireProperties.ENCODED, GroupMarker.PROPERTY);

    private final Dialect dialect;
    private final int maxMessageBytes;
    private final CloudEventAttributes cloudEvents;

    MessageTranslation(Dialect dialect, JmsSettings settings) {
        this.dialect = dialect;
        this.maxMessageBytes = settings.maxMessageBytes();
        this.cloudEvents = new CloudEventAttributes(CLOUD_EVENT, settings.cloudEventSource());
    }

    /** Why the message cannot be sent, or empty. */
    Optional<String> refusal(Message message) {
        Optional<String> ofTopic =
                Names.ofDestination(message.destination().topic()).fault();
        if (ofTopic.isPresent()) {
            return ofTopic;
        }
        if (message.payload().length > maxMessageBytes) {
            return Optional.of("its payload has " + message.payload().length + " bytes, the limit maxMessageBytes is "
                    + maxMessageBytes);
        }
        String deliverAt = message.headers().get(Headers.DELIVER_AT);
        return dialect.delays() && deliverAt != null && millis(deliverAt) == null
                ? Optional.of("its header " + Headers.DELIVER_AT + " '" + deliverAt + "' is no number of milliseconds")
                : Optional.empty();
    }

    /** A message of {@code session} that says the same. */
    jakarta.jms.Message toWire(Session session, Message message) throws JMSException {
        BytesMessage wire = session.createBytesMessage();
        wire.writeBytes(message.payload());
        writeProperties(wire, message);
        return wire;
    }

    /** Writes all but the payload. */
    void writeProperties(jakarta.jms.Message wire, Message message) throws JMSException {
        Map<String, String> headers = new LinkedHashMap<>(message.headers().asMap());
        headers.remove(Headers.DELAY);
        String deliverAt = headers.remove(Headers.DELIVER_AT);
        Long due = deliverAt == null ? null : millis(deliverAt);
        if (due != null) {
            dialect.delay(wire, due);
        }
        String contentType = headers.get(Headers.CONTENT_TYPE);
        if (contentType != null && !contentType.isBlank()) {
            headers.remove(Headers.CONTENT_TYPE);
            wire.setStringProperty(CONTENT_TYPE, contentType);
        }
        if (!message.type().isBlank()) {
            wire.setJMSType(message.type());
        }
        WireProperties.write(wire, headers, this::isTaken);
        for (Map.Entry<String, String> attribute : cloudEvents.of(message).entrySet()) {
            wire.setStringProperty(attribute.getKey(), attribute.getValue());
        }
        wire.setStringProperty(ID, message.id().value());
        wire.setStringProperty(TYPE, message.type());
        String key = message.key();
        if (key != null) {
            wire.setStringProperty(KEY, key);
            if (!key.isEmpty()) {
                wire.setStringProperty(GROUP, key);
            }
        }
        String tag = message.destination().tag();
        if (tag != null) {
            wire.setStringProperty(TAG, tag);
        }
    }

    private boolean isTaken(String name) {
        return OWN.contains(name) || name.startsWith(DeadLetters.PREFIX) || cloudEvents.isWritten(name);
    }

    /**
     * Reads a message that has arrived.
     *
     * @param topic what it was subscribed as
     * @throws JMSException if it is damaged
     */
    Message fromWire(jakarta.jms.Message wire, String topic) throws JMSException {
        byte[] payload = PayloadOf.message(wire);
        String given = text(wire, ID);
        MessageId own = given != null && MessageId.isPossible(given) ? new MessageId(given) : null;
        boolean ours = own != null;
        Map<String, String> headers = WireProperties.read(
                wire,
                name -> OWN.contains(name)
                        || name.startsWith(DeadLetters.PREFIX)
                        || (ours && cloudEvents.isWritten(name)));
        headers.keySet().removeAll(Set.of(Headers.DELAY, Headers.DELIVER_AT));
        String contentType = text(wire, CONTENT_TYPE);
        if (contentType != null) {
            headers.put(Headers.CONTENT_TYPE, contentType);
        }
        if (!ours) {
            // Written by somebody else, who may mean anything by it.
            headers.remove(Headers.STORED_AT);
        }
        return new Message(
                own == null ? foreignId(wire, payload) : own,
                new Destination(topic, text(wire, TAG)),
                ours ? text(wire, KEY) : text(wire, GROUP),
                typeOf(wire),
                Headers.of(headers),
                payload);
    }

    private String typeOf(jakarta.jms.Message wire) throws JMSException {
        String type = text(wire, TYPE);
        if (type != null) {
            return type;
        }
        String ofEvent = text(wire, CLOUD_EVENT + "specversion") == null ? null : text(wire, CLOUD_EVENT + "type");
        if (ofEvent != null) {
            return ofEvent;
        }
        return wire.getJMSType() == null ? "" : wire.getJMSType();
    }

    private MessageId foreignId(jakarta.jms.Message wire, byte[] payload) throws JMSException {
        Map<String, String> attributes = new HashMap<>();
        for (String name : EVENT_IDENTITY) {
            String value = text(wire, CLOUD_EVENT + name);
            if (value != null) {
                attributes.put(CLOUD_EVENT + name, value);
            }
        }
        if (attributes.size() == EVENT_IDENTITY.size()) {
            Optional<MessageId> ofEvent = cloudEvents.idOf(name -> attributes.getOrDefault(name, ""));
            if (ofEvent.isPresent()) {
                return ofEvent.get();
            }
        }
        String id = wire.getJMSMessageID();
        // Senders may do without ids; then what never changes about the message has to be enough.
        return id != null && !id.isBlank()
                ? MessageId.ofForeign(id)
                : MessageId.ofForeign("x".repeat(MessageId.MAX_LENGTH)
                        + wire.getJMSTimestamp()
                        + '/'
                        + new String(payload, StandardCharsets.ISO_8859_1));
    }

    static @Nullable String text(jakarta.jms.Message wire, String name) throws JMSException {
        Object value = wire.getObjectProperty(name);
        return value == null ? null : String.valueOf(value);
    }

    private static @Nullable Long millis(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
