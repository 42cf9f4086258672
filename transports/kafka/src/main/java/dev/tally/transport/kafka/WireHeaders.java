package dev.tally.transport.kafka;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Headers of a record. Kafka takes any name and any bytes; a header that a user has by a name that stands for something else
 * in a record travels in {@value #ENCODED}, in the form of URL parameters. Not thread-safe.
 */
final class WireHeaders {

    /** Holds what cannot stand under its own name. */
    static final String ENCODED = "tally-encoded";

    /** Numbers in dead letters, as spring-kafka's own are; others write them as text. */
    private static final Set<String> BINARY = Set.of(
            DeadLetterHeaders.ORIGINAL_PARTITION,
            DeadLetterHeaders.ORIGINAL_OFFSET,
            DeadLetterHeaders.ORIGINAL_TIMESTAMP);

    private final List<Header> headers = new ArrayList<>();
    private @Nullable String broken;

    void put(String name, String value) {
        if (broken == null && (Utf8.isBroken(name) || Utf8.isBroken(value))) {
            broken = "its header '" + name + "'";
        }
        headers.add(new RecordHeader(name, Utf8.bytes(value)));
    }

    /** One of a message's own headers. */
    void putOwn(String name, String value) {
        if (name.equals(MessageTranslation.CONTENT_TYPE)) {
            put(ENCODED, encode(name) + "=" + encode(value));
        } else {
            put(name, value);
        }
    }

    /** What cannot be written as bytes. */
    Optional<String> broken() {
        return Optional.ofNullable(broken);
    }

    List<Header> list() {
        return headers;
    }

    /** Of several headers with one name the last one counts, as for Kafka. */
    static Map<String, String> read(Iterable<Header> wire) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : wire) {
            headers.put(header.key(), text(header.key(), header.value()));
        }
        return headers;
    }

    private static String text(String name, byte @Nullable [] value) {
        if (value != null && BINARY.contains(name)) {
            if (value.length == Integer.BYTES) {
                return Integer.toString(ByteBuffer.wrap(value).getInt());
            }
            if (value.length == Long.BYTES) {
                return Long.toString(ByteBuffer.wrap(value).getLong());
            }
        }
        return Utf8.text(value);
    }

    /** Puts what was encoded back under its name; leaves it as it is where somebody has changed it. */
    static Map<String, String> decode(Map<String, String> headers) {
        String encoded = headers.get(ENCODED);
        int separator = encoded == null ? -1 : encoded.indexOf('=');
        if (encoded == null || separator < 0) {
            return headers;
        }
        try {
            String name = decode(encoded.substring(0, separator));
            String value = decode(encoded.substring(separator + 1));
            headers.remove(ENCODED);
            headers.put(name, value);
        } catch (IllegalArgumentException e) {
            return headers;
        }
        return headers;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
