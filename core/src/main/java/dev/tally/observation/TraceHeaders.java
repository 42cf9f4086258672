package dev.tally.observation;

import dev.tally.message.Headers;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Adds the headers of a trace to those of a user, of which none is overwritten. Where the user's carry a trace's context
 * themselves, the message belongs to that trace and nothing is added: two halves of different contexts are none.
 */
final class TraceHeaders {

    /** Each of them makes a context by itself: W3C's, and B3's two forms. */
    private static final Set<String> CONTEXTS = Set.of("traceparent", "b3", "x-b3-traceid");

    private TraceHeaders() {}

    static Headers add(Headers given, Map<String, String> ofTrace) {
        if (ofTrace.isEmpty() || carryATrace(given)) {
            return given;
        }
        Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        taken.addAll(given.asMap().keySet());
        Map<String, String> all = new LinkedHashMap<>(given.asMap());
        ofTrace.forEach((name, value) -> {
            // A field of a baggage may have any name; those with the prefix mean something to transports.
            if (!taken.contains(name) && !name.startsWith(Headers.RESERVED_PREFIX)) {
                all.put(name, value);
            }
        });
        return Headers.of(all);
    }

    private static boolean carryATrace(Headers given) {
        return given.asMap().keySet().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .anyMatch(CONTEXTS::contains);
    }
}
