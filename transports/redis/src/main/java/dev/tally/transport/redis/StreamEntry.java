package dev.tally.transport.redis;

import io.lettuce.core.StreamMessage;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a stream.
 *
 * @param id {@code milliseconds-number}, in the order of the stream
 * @param fields by name; of two with one name the later
 */
record StreamEntry(String id, Map<String, byte[]> fields) {

    /** Behind no entry. */
    static final String BEGINNING = "0-0";

    static StreamEntry of(StreamMessage<byte[], byte[]> message) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        Map<byte[], byte[]> body = message.getBody();
        if (body != null) {
            body.forEach((name, value) -> fields.put(RedisKeys.text(name), value));
        }
        return new StreamEntry(message.getId(), fields);
    }

    /**
     * As scripts answer it.
     *
     * @param flat names and values by turns
     */
    static StreamEntry of(byte[] id, List<?> flat) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(RedisKeys.text((byte[]) flat.get(i)), (byte[]) flat.get(i + 1));
        }
        return new StreamEntry(RedisKeys.text(id), fields);
    }

    /** When Redis stored it, by its clock; {@code null} where its writer chose an id that is no time. */
    @Nullable Instant storedAt() {
        long millis = part(0);
        return millis <= 0 ? null : Instant.ofEpochMilli(millis);
    }

    private long part(int index) {
        try {
            return Long.parseUnsignedLong(id.split("-", 2)[index]);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return 0; // never by Redis
        }
    }
}
