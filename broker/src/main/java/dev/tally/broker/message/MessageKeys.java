package dev.tally.broker.message;

import dev.tally.broker.protocol.MalformedCommandException;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.MessageProperties;
import dev.tally.broker.protocol.PropertyNames;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * The keys by which a message is found: its unique key, which its sender's client gave it, and its business keys,
 * separated by spaces.
 */
public final class MessageKeys {

    private static final byte[] UNIQUE = PropertyNames.UNIQUE_KEY.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BUSINESS = PropertyNames.KEYS.getBytes(StandardCharsets.US_ASCII);
    private static final byte NAME_END = 1;
    private static final byte PAIR_END = 2;
    private static final byte SEPARATOR = ' ';
    private static final long FNV_PRIME = 0x100000001B3L;
    private static final long FNV_START = 0xCBF29CE484222325L;

    private MessageKeys() {}

    /** The hash of a key of a topic's message. */
    public static long hash(String topic, String key) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(key);
        return hash(start(topic), bytes, 0, bytes.limit());
    }

    /** Whether a stored message has a key. */
    public static boolean has(ByteBuffer stored, String key) {
        MessageProperties properties = MessageEncoding.properties(stored);
        if (key.equals(properties.get(PropertyNames.UNIQUE_KEY))) {
            return true;
        }
        String keys = properties.get(PropertyNames.KEYS);
        if (keys == null || key.isEmpty()) {
            return false;
        }
        for (int at = keys.indexOf(key); at >= 0; at = keys.indexOf(key, at + 1)) {
            int end = at + key.length();
            if ((at == 0 || keys.charAt(at - 1) == SEPARATOR)
                    && (end == keys.length() || keys.charAt(end) == SEPARATOR)) {
                return true;
            }
        }
        return false;
    }

    /** Tells the hashes of a stored message's keys; none of bytes that are no message. */
    public static void hashes(String topic, ByteBuffer stored, LongConsumer hashes) {
        ByteBuffer properties;
        try {
            properties = MessageEncoding.propertyBytes(stored);
        } catch (MalformedCommandException e) {
            // Nothing that this broker's handlers stored, so nobody asks for it by a key.
            return;
        }
        int start = 0;
        while (start < properties.limit()) {
            int end = indexOf(properties, PAIR_END, start, properties.limit());
            int nameEnd = indexOf(properties, NAME_END, start, end);
            if (isNamed(properties, start, nameEnd, UNIQUE)) {
                keys(topic, properties, nameEnd + 1, end, false, hashes);
            } else if (isNamed(properties, start, nameEnd, BUSINESS)) {
                keys(topic, properties, nameEnd + 1, end, true, hashes);
            }
            start = end + 1;
        }
    }

    private static void keys(
            String topic, ByteBuffer properties, int from, int end, boolean several, LongConsumer hashes) {
        long begun = start(topic);
        int at = from;
        while (at < end) {
            int keyEnd = several ? indexOf(properties, SEPARATOR, at, end) : end;
            if (keyEnd > at) {
                hashes.accept(hash(begun, properties, at, keyEnd));
            }
            at = keyEnd + 1;
        }
    }

    private static boolean isNamed(ByteBuffer properties, int start, int end, byte[] name) {
        if (end - start != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (properties.get(start + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(ByteBuffer bytes, byte wanted, int from, int end) {
        int at = from;
        while (at < end && bytes.get(at) != wanted) {
            at++;
        }
        return at;
    }

    private static long start(String topic) {
        long hash = FNV_START;
        for (int i = 0; i < topic.length(); i++) {
            hash = (hash ^ topic.charAt(i)) * FNV_PRIME;
        }
        // A byte that no UTF-8 text has: no topic and key run into another pair of them.
        return (hash ^ 0xFF) * FNV_PRIME;
    }

    private static long hash(long begun, ByteBuffer bytes, int from, int end) {
        long hash = begun;
        for (int at = from; at < end; at++) {
            hash = (hash ^ (bytes.get(at) & 0xFF)) * FNV_PRIME;
        }
        return hash;
    }
}
