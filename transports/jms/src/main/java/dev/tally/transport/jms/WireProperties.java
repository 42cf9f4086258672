package dev.tally.transport.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names that JMS properties cannot have.
 *
 * <p>A header is a property of its own name where that is possible, so that other consumers see it and selectors can use
 * it. JMS allows Java identifiers that are no words of its selectors, and keeps some beginnings of names to itself and to
 * providers; all others travel together in one property, {@value #ENCODED}, in the form of URL parameters.
 */
final class WireProperties {

    /** Holds the properties that cannot stand alone. */
    static final String ENCODED = "tally_encoded";

    private static final Logger LOG = LoggerFactory.getLogger(WireProperties.class);

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    private static final Set<String> WORDS_OF_SELECTORS =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    /** Of JMS, of Artemis and its predecessor, of Classic's scheduler. */
    private static final Set<String> PROVIDERS = Set.of("JMS", "_AMQ", "__AMQ", "AMQ", "HQ_", "_HQ", "extraProperties");

    private WireProperties() {}

    /**
     * Writes headers.
     *
     * @param isTaken whether a name means something else on the wire
     */
    static void write(Message target, Map<String, String> headers, Taken isTaken) throws JMSException {
        StringBuilder encoded = new StringBuilder();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String name = header.getKey();
            if (isPossible(name) && !isTaken.test(name)) {
                target.setStringProperty(name, header.getValue());
            } else {
                encoded.append(encoded.isEmpty() ? "" : "&")
                        .append(encode(name))
                        .append('=')
                        .append(encode(header.getValue()));
            }
        }
        if (!encoded.isEmpty()) {
            target.setStringProperty(ENCODED, encoded.toString());
        }
    }

    /** Whether a name on the wire is not a header's. */
    @FunctionalInterface
    interface Taken {
        boolean test(String name);
    }

    /** Reads the headers, those of other producers included: their values of other types become text. */
    static Map<String, String> read(Message source, Taken isTaken) throws JMSException {
        Map<String, String> headers = new LinkedHashMap<>();
        Enumeration<?> names = source.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = String.valueOf(names.nextElement());
            Object value = belongsToProvider(name) || isTaken.test(name) ? null : source.getObjectProperty(name);
            if (value != null) {
                headers.put(name, String.valueOf(value));
            }
        }
        Object encoded = source.getObjectProperty(ENCODED);
        if (encoded != null) {
            decodeInto(headers, String.valueOf(encoded));
        }
        return headers;
    }

    /** Whether JMS allows a property of this name, and leaves it to its users. */
    static boolean isPossible(String name) {
        return IDENTIFIER.matcher(name).matches()
                && !WORDS_OF_SELECTORS.contains(name.toUpperCase(Locale.ROOT))
                && !belongsToProvider(name);
    }

    private static boolean belongsToProvider(String name) {
        return PROVIDERS.stream().anyMatch(name::startsWith);
    }

    /** What somebody else has written there may be anything; what cannot be read of it is left out. */
    private static void decodeInto(Map<String, String> headers, String encoded) {
        for (String pair : encoded.split("&", -1)) {
            int separator = pair.indexOf('=');
            if (separator >= 0) {
                decodeInto(headers, pair.substring(0, separator), pair.substring(separator + 1));
            }
        }
    }

    private static void decodeInto(Map<String, String> headers, String name, String value) {
        try {
            headers.put(decode(name), decode(value));
        } catch (IllegalArgumentException e) {
            LOG.debug("a header of a message is left out, it is not encoded as it should be", e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
