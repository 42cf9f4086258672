package dev.tally.transport.rocketmq;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;

/**
 * Names and values that RocketMQ's message properties cannot hold as they are.
 *
 * <p>A property is stored under its own name where that is possible, so that consumers in any language see it and
 * SQL92 filters can use it. What RocketMQ reserves, drops when blank, or would cut at its separators travels together in
 * one property, {@value #ENCODED}, in the form of URL parameters.
 */
final class WireProperties {

    /** Holds the properties that cannot stand alone. */
    static final String ENCODED = "tally-encoded";

    /** The broker stores the length of all properties in 16 bits. */
    static final int MAX_PROPERTIES_BYTES = Short.MAX_VALUE;

    private static final char NAME_VALUE_SEPARATOR = '\u0001';
    private static final char PROPERTY_SEPARATOR = '\u0002';

    private WireProperties() {}

    static void write(Message target, Map<String, String> properties) {
        StringBuilder encoded = new StringBuilder();
        properties.forEach((name, value) -> {
            if (isPlain(name) && isPlain(value) && !isReserved(name)) {
                target.putUserProperty(name, value);
            } else {
                encoded.append(encoded.isEmpty() ? "" : "&")
                        .append(encode(name))
                        .append('=')
                        .append(encode(value));
            }
        });
        if (!encoded.isEmpty()) {
            target.putUserProperty(ENCODED, encoded.toString());
        }
    }

    static Map<String, String> read(Message source) {
        Map<String, String> properties = new LinkedHashMap<>();
        Map<String, String> raw = source.getProperties();
        if (raw == null) {
            return properties;
        }
        raw.forEach((name, value) -> {
            if (!isReserved(name) && !name.equals(ENCODED)) {
                properties.put(name, value);
            }
        });
        String encoded = raw.get(ENCODED);
        if (encoded != null) {
            properties.putAll(decode(encoded));
        }
        return properties;
    }

    /** How many bytes the broker will store for the properties of {@code message}. */
    static int sizeOf(Message message) {
        int size = 0;
        for (Map.Entry<String, String> property : message.getProperties().entrySet()) {
            size += property.getKey().getBytes(StandardCharsets.UTF_8).length
                    + property.getValue().getBytes(StandardCharsets.UTF_8).length
                    + 2;
        }
        return size;
    }

    static boolean isPlain(String text) {
        return !text.isBlank() && text.indexOf(NAME_VALUE_SEPARATOR) < 0 && text.indexOf(PROPERTY_SEPARATOR) < 0;
    }

    private static boolean isReserved(String name) {
        return MessageConst.STRING_HASH_SET.contains(name)
                || name.startsWith(MessageConst.PROPERTY_TRANSIENT_PREFIX)
                || name.startsWith("__");
    }

    /** What {@link #write} put together; as it is where somebody else wrote something under that name. */
    private static Map<String, String> decode(String encoded) {
        Map<String, String> decoded = new LinkedHashMap<>();
        try {
            for (String pair : encoded.split("&", -1)) {
                int separator = pair.indexOf('=');
                if (separator > 0) {
                    decoded.put(decodeText(pair.substring(0, separator)), decodeText(pair.substring(separator + 1)));
                }
            }
        } catch (IllegalArgumentException e) {
            return Map.of(ENCODED, encoded);
        }
        return decoded;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decodeText(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
