package dev.tally.transport.redis;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.client.UnsendableMessageException;
import dev.tally.transport.wire.WireNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tally's message as the fields of a stream's entry, and back. Thread-safe.
 *
 * <p>Fields: {@value WireNames#ID}, {@value WireNames#TYPE}, where there are any {@value WireNames#KEY} and {@value
 * WireNames#TAG}, each header under its own name, and {@value #PAYLOAD}. A header whose name is taken by one of these has
 * {@value #ESCAPE} before it. Names and values are UTF-8; Redis leaves all bytes as they are.
 */
final class EntryTranslation {

    /** In messages for people. */
    static final String PRODUCT = "Redis";

    static final String PAYLOAD = "payload";

    /** Before a header's name that is a field's, or begins so itself. */
    static final String ESCAPE = "h:";

    /** The key of an entry that another producer wrote. */
    static final String FOREIGN_KEY = "key";

    /** Where other producers have their payload, the first that is there. */
    private static final List<String> FOREIGN_PAYLOADS = List.of(PAYLOAD, "data", "body");

    private static final Set<String> OWN = Set.of(WireNames.ID, WireNames.TYPE, WireNames.KEY, WireNames.TAG, PAYLOAD);

    /** Tally says these itself; from anybody else they may mean anything. */
    private static final Set<String> NOT_FOREIGN = Set.of(Headers.STORED_AT, Headers.DELAY, Headers.DELIVER_AT);

    private final int maxMessageBytes;

    EntryTranslation(int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    /**
     * The fields of a message that is to be sent: names and values by turns.
     *
     * @throws UnsendableMessageException if Redis cannot carry it
     */
    List<byte[]> toFields(Message message) {
        RedisKeys.wrongTopic(message.destination().topic()).ifPresent(wrong -> {
            throw new UnsendableMessageException(message, PRODUCT, wrong);
        });
        List<byte[]> fields = fieldsOf(message, Map.of());
        long size = 0;
        for (byte[] each : fields) {
            size += each.length;
        }
        if (size > maxMessageBytes) {
            throw new UnsendableMessageException(
                    message,
                    PRODUCT,
                    "its payload and its headers have " + size + " bytes, the limit maxMessageBytes is "
                            + maxMessageBytes);
        }
        return fields;
    }

    /**
     * The fields of a message, however large it is.
     *
     * @param more headers of Tally's own to add
     */
    static List<byte[]> fieldsOf(Message message, Map<String, String> more) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        put(fields, WireNames.ID, message.id().value());
        put(fields, WireNames.TYPE, message.type());
        if (message.key() != null) {
            put(fields, WireNames.KEY, message.key());
        }
        if (message.destination().tag() != null) {
            put(fields, WireNames.TAG, message.destination().tag());
        }
        message.headers().asMap().forEach((name, value) -> {
            if (!name.equals(Headers.DELAY) && !name.equals(Headers.DELIVER_AT)) {
                put(fields, OWN.contains(name) || name.startsWith(ESCAPE) ? ESCAPE + name : name, value);
            }
        });
        more.forEach((name, value) -> put(fields, name, value));
        fields.put(PAYLOAD, message.payload());
        List<byte[]> flat = new ArrayList<>(2 * fields.size());
        fields.forEach((name, value) -> {
            flat.add(RedisKeys.bytes(name));
            flat.add(value);
        });
        return flat;
    }

    private static void put(Map<String, byte[]> fields, String name, String value) {
        fields.put(name, RedisKeys.bytes(value));
    }

    /**
     * The message of an entry, whoever wrote it. Never throws.
     *
     * @param topic the topic of its stream
     */
    Message fromEntry(String topic, byte[] stream, StreamEntry entry) {
        Map<String, byte[]> fields = entry.fields();
        String id = text(fields, WireNames.ID);
        byte[] payload = fields.get(PAYLOAD);
        if (id == null || !MessageId.isPossible(id) || payload == null) {
            return foreign(topic, stream, entry);
        }
        Map<String, String> headers = new LinkedHashMap<>();
        fields.forEach((name, value) -> {
            if (!OWN.contains(name)) {
                headers.put(name.startsWith(ESCAPE) ? name.substring(ESCAPE.length()) : name, RedisKeys.text(value));
            }
        });
        return message(new MessageId(id), topic, text(fields, WireNames.KEY), fields, headers, payload);
    }

    private static Message foreign(String topic, byte[] stream, StreamEntry entry) {
        Map<String, byte[]> fields = entry.fields();
        String id = text(fields, WireNames.ID);
        String tallyKey = text(fields, WireNames.KEY);
        String payloadField = FOREIGN_PAYLOADS.stream()
                .filter(fields::containsKey)
                .findFirst()
                .orElse(null);
        Map<String, String> headers = new LinkedHashMap<>();
        fields.forEach((name, value) -> {
            boolean taken = OWN.contains(name) || name.equals(FOREIGN_KEY) || name.equals(payloadField);
            if (!taken && !NOT_FOREIGN.contains(name)) {
                headers.put(name, RedisKeys.text(value));
            }
        });
        byte[] payload = payloadField == null ? null : fields.get(payloadField);
        if (payload == null) {
            payload = JsonObject.of(fields);
            headers.clear();
            headers.put(Headers.CONTENT_TYPE, "application/json");
        }
        return message(
                id != null && MessageId.isPossible(id)
                        ? new MessageId(id)
                        : MessageId.ofForeign(RedisKeys.text(stream) + '/' + entry.id()),
                topic,
                tallyKey == null ? text(fields, FOREIGN_KEY) : tallyKey,
                fields,
                headers,
                payload);
    }

    private static Message message(
            MessageId id,
            String topic,
            @Nullable String key,
            Map<String, byte[]> fields,
            Map<String, String> headers,
            byte[] payload) {
        String type = text(fields, WireNames.TYPE);
        return new Message(
                id,
                new Destination(topic, text(fields, WireNames.TAG)),
                key,
                type == null ? "" : type,
                Headers.of(headers),
                payload);
    }

    private static @Nullable String text(Map<String, byte[]> fields, String name) {
        byte[] value = fields.get(name);
        return value == null ? null : RedisKeys.text(value);
    }
}
