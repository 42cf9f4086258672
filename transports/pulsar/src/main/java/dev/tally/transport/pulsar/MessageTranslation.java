package dev.tally.transport.pulsar;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.client.UnsendableMessageException;
import dev.tally.transport.wire.WireNames;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.jspecify.annotations.Nullable;

/**
 * Tally's message as a Pulsar message and back. The key is Pulsar's key; id, type, tag and headers are properties, which
 * hold any text under any name. Immutable.
 */
final class MessageTranslation {

    /** What Pulsar writes to a dead letter, and this transport with it: the topic and the id that it had at first. */
    /** In messages for people. */
    static final String PRODUCT = "Pulsar";

    static final String REAL_TOPIC = "REAL_TOPIC";

    static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";

    private static final List<String> NEVER_HEADERS =
            List.of(WireNames.ID, WireNames.TYPE, WireNames.TAG, Headers.DELAY, Headers.DELIVER_AT);

    /** What Pulsar adds at most: the producer's name, numbers, times. */
    private static final int FRAME_BYTES = 256;

    /** What it takes for each property beside its name and value. */
    private static final int PROPERTY_BYTES = 16;

    private final TopicNames topics;
    private final int maxMessageBytes;

    /** Full names by the names in messages, of topics that can be. */
    private final Map<String, String> fullNames = new ConcurrentHashMap<>();

    MessageTranslation(TopicNames topics, int maxMessageBytes) {
        this.topics = topics;
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * @throws UnsendableMessageException if Pulsar cannot carry it
     */
    WireMessage toWire(Message message) {
        String fullName = fullName(message);
        Map<String, String> properties = new LinkedHashMap<>(message.headers().asMap());
        properties.remove(Headers.DELAY);
        String deliverAt = properties.remove(Headers.DELIVER_AT);
        properties.put(WireNames.ID, message.id().value());
        properties.put(WireNames.TYPE, message.type());
        String tag = message.destination().tag();
        if (tag != null) {
            properties.put(WireNames.TAG, tag);
        }
        WireMessage wire = new WireMessage(
                fullName, message.key(), null, message.payload(), properties, millis(message, deliverAt));
        requireSize(message, wire);
        return wire;
    }

    private String fullName(Message message) {
        String topic = message.destination().topic();
        String known = fullNames.get(topic);
        if (known != null) {
            return known;
        }
        topics.flaw(topic).ifPresent(flaw -> {
            throw refused(message, flaw);
        });
        String fullName = topics.full(topic);
        fullNames.put(topic, fullName);
        return fullName;
    }

    /**
     * A received message, whoever sent it; everything can be translated.
     *
     * @param topic the topic as its subscription names it
     */
    Message fromWire(org.apache.pulsar.client.api.Message<byte[]> wire, String topic) {
        Map<String, String> properties = new LinkedHashMap<>(wire.getProperties());
        String given = properties.get(WireNames.ID);
        MessageId known = given != null && MessageId.isPossible(given) ? new MessageId(given) : null;
        String type = properties.getOrDefault(WireNames.TYPE, "");
        String tag = properties.get(WireNames.TAG);
        NEVER_HEADERS.forEach(properties::remove);
        if (known == null) {
            // Written by somebody else, who may mean anything by it.
            properties.remove(Headers.STORED_AT);
        }
        byte[] payload = wire.getData();
        return new Message(
                known == null ? foreignId(wire) : known,
                new Destination(topic, tag),
                wire.hasKey() ? wire.getKey() : null,
                type,
                Headers.of(properties),
                payload == null ? new byte[0] : payload);
    }

    /** The tag of a received message, or {@code null}. */
    static @Nullable String tagOf(org.apache.pulsar.client.api.Message<byte[]> wire) {
        return wire.getProperty(WireNames.TAG);
    }

    /**
     * An id that is the same at each delivery, and also when the message comes from where it was dead-lettered to or, by
     * other consumers, parked for a retry.
     */
    private static MessageId foreignId(org.apache.pulsar.client.api.Message<byte[]> wire) {
        String realTopic = wire.getProperty(REAL_TOPIC);
        String origin = wire.getProperty(ORIGIN_MESSAGE_ID);
        return MessageId.ofForeign(
                realTopic != null && origin != null
                        ? realTopic + '/' + origin
                        : wire.getTopicName() + '/' + brokersIdOf(wire));
    }

    /** Ledger, entry, partition and, where the message came in a batch, its place there. */
    static String brokersIdOf(org.apache.pulsar.client.api.Message<byte[]> wire) {
        if (!(wire.getMessageId() instanceof MessageIdAdv id)) {
            return wire.getMessageId().toString();
        }
        String entry = id.getLedgerId() + ":" + id.getEntryId() + ":" + id.getPartitionIndex();
        return id.getBatchIndex() < 0 ? entry : entry + ":" + id.getBatchIndex();
    }

    private static OptionalLong millis(Message message, @Nullable String deliverAt) {
        if (deliverAt == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(deliverAt));
        } catch (NumberFormatException e) {
            throw refused(message, "its delay '" + deliverAt + "' is no number of milliseconds");
        }
    }

    private void requireSize(Message message, WireMessage wire) {
        int payload = wire.payload().length;
        if (payload + beside(wire, MessageTranslation::mostBytes) <= maxMessageBytes) {
            return;
        }
        long beside = beside(wire, MessageTranslation::bytes);
        if (payload + beside > maxMessageBytes) {
            throw refused(
                    message,
                    "its payload has " + payload + " bytes and its key and headers with what Pulsar adds " + beside
                            + ", the limit maxMessageBytes of both is " + maxMessageBytes);
        }
    }

    private static long beside(WireMessage wire, ToLongFunction<String> size) {
        String key = wire.key();
        long beside = FRAME_BYTES + (key == null ? 0 : size.applyAsLong(key));
        for (Map.Entry<String, String> property : wire.properties().entrySet()) {
            beside += PROPERTY_BYTES + size.applyAsLong(property.getKey()) + size.applyAsLong(property.getValue());
        }
        return beside;
    }

    /** Found without encoding it. */
    private static long mostBytes(String text) {
        return 3L * text.length();
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static UnsendableMessageException refused(Message message, String reason) {
        return new UnsendableMessageException(message, PRODUCT, reason);
    }
}
