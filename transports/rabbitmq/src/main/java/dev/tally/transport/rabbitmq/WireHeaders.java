package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.LongString;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Headers that AMQP cannot hold as they are.
 *
 * <p>A header is stored under its own name where that is possible, so that consumers in any language see it and exchanges
 * can route by it. What RabbitMQ takes for its own travels together in one header, {@value #ENCODED}, in the form of URL
 * parameters.
 */
final class WireHeaders {

    /** Holds the headers that cannot stand alone. */
    static final String ENCODED = "tally-encoded";

    /** How often a queue has handed a message over in vain. */
    static final String DELIVERIES = "x-delivery-count";

    /** The same where RabbitMQ does not count the death of a consumer as a failure of the message. */
    static final String ACQUISITIONS = "x-acquired-count";

    /** When the broker took a message, in milliseconds since 1970, where its operator has it noted. */
    static final String BROKER_TIME = "timestamp_in_ms";

    /** RabbitMQ closes the channel where some of them are not as it expects them, or writes them itself. */
    private static final Set<String> BROKERS_OWN = Set.of(
            "CC",
            "BCC",
            "x-death",
            "x-first-death-exchange",
            "x-first-death-queue",
            "x-first-death-reason",
            "x-last-death-exchange",
            "x-last-death-queue",
            "x-last-death-reason",
            "x-delay",
            "x-received-from",
            "x-routed-queues",
            DELIVERIES,
            ACQUISITIONS,
            BROKER_TIME);

    private WireHeaders() {}

    /** Whether the broker, and no producer, writes it. */
    static boolean isBrokersOwn(String name) {
        return BROKERS_OWN.contains(name);
    }

    /**
     * The headers as AMQP holds them.
     *
     * @param taken names that mean something else on the wire
     */
    static Map<String, Object> write(Map<String, String> headers, Predicate<String> taken) {
        Map<String, Object> wire = new LinkedHashMap<>();
        StringBuilder encoded = new StringBuilder();
        headers.forEach((name, value) -> {
            if (!isBrokersOwn(name) && !taken.test(name)) {
                wire.put(name, value);
            } else {
                encoded.append(encoded.isEmpty() ? "" : "&")
                        .append(encode(name))
                        .append('=')
                        .append(encode(value));
            }
        });
        if (!encoded.isEmpty()) {
            wire.put(ENCODED, encoded.toString());
        }
        return wire;
    }

    /**
     * The headers that are text, numbers, truth values or times; tables, lists and bytes have no place in Tally's.
     *
     * @param leftOut names that mean something else on the wire
     */
    static Map<String, String> read(Map<String, Object> wire, Predicate<String> leftOut) {
        Map<String, String> headers = new LinkedHashMap<>();
        wire.forEach((name, value) -> {
            String text = text(value);
            if (text != null && !isBrokersOwn(name) && !name.equals(ENCODED) && !leftOut.test(name)) {
                headers.put(name, text);
            }
        });
        String encoded = text(wire.get(ENCODED));
        if (encoded != null) {
            decodeInto(headers, encoded);
        }
        return headers;
    }

    static @Nullable String text(@Nullable Object value) {
        if (value instanceof String
                || value instanceof LongString
                || value instanceof Number
                || value instanceof Boolean) {
            return value.toString();
        }
        return value instanceof Date date ? date.toInstant().toString() : null;
    }

    private static void decodeInto(Map<String, String> headers, String encoded) {
        for (String pair : encoded.split("&", -1)) {
            int separator = pair.indexOf('=');
            if (separator < 0) {
                continue;
            }
            try {
                headers.put(decode(pair.substring(0, separator)), decode(pair.substring(separator + 1)));
            } catch (IllegalArgumentException e) {
                // Not written by Tally: it is left as it is.
                headers.put(pair.substring(0, separator), pair.substring(separator + 1));
            }
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
