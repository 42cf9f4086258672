package dev.tally.broker.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message's properties in the form in which the wire writes them: {@code name \u0001 value \u0002}, repeated. The text
 * is kept as it came, because nearly all of it goes into the log unread. Of a name that comes twice the last one counts;
 * pairs without a name or a value are passed over, as the clients do. Immutable.
 *
 * @since 0.1
 */
public final class MessageProperties {

    private static final MessageProperties NONE = new MessageProperties("");
    private static final char NAME_END = 1;
    private static final char PAIR_END = 2;

    private final String text;

    private MessageProperties(String text) {
        this.text = text;
    }

    /** Properties as the wire has them. */
    public static MessageProperties of(@Nullable String text) {
        return text == null || text.isEmpty() ? NONE : new MessageProperties(text);
    }

    /** Properties of a map. */
    public static MessageProperties of(Map<String, String> properties) {
        StringBuilder text = new StringBuilder(properties.size() * 24);
        properties.forEach((name, value) -> append(text, name, value));
        return of(text.toString());
    }

    /** The properties as the wire has them. */
    public String text() {
        return text;
    }

    /** The value of a property, {@code null} where it is absent. */
    public @Nullable String get(String name) {
        String found = null;
        for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
            int nameEnd = at + name.length();
            boolean whole = (at == 0 || text.charAt(at - 1) == PAIR_END)
                    && nameEnd < text.length()
                    && text.charAt(nameEnd) == NAME_END;
            if (whole) {
                int end = endOfPair(at);
                found = nameEnd + 1 < end ? text.substring(nameEnd + 1, end) : found;
            }
        }
        return found;
    }

    /** The value of a property, or the default where it is absent. */
    public String getOrDefault(String name, String absent) {
        String value = get(name);
        return value == null ? absent : value;
    }

    /** The same properties with one set. */
    public MessageProperties with(String name, String value) {
        MessageProperties others = without(name);
        StringBuilder changed = new StringBuilder(others.text.length() + name.length() + value.length() + 3);
        changed.append(others.text);
        if (changed.length() > 0 && changed.charAt(changed.length() - 1) != PAIR_END) {
            changed.append(PAIR_END);
        }
        append(changed, name, value);
        return new MessageProperties(changed.toString());
    }

    /** The same properties with one set where it is absent. */
    public MessageProperties withAbsent(String name, String value) {
        return get(name) == null ? with(name, value) : this;
    }

    /** The same properties without one. */
    public MessageProperties without(String name) {
        if (get(name) == null) {
            return this;
        }
        StringBuilder left = new StringBuilder(text.length());
        for (int start = 0; start < text.length(); start = endOfPair(start) + 1) {
            int nameEnd = start + name.length();
            boolean named = text.startsWith(name, start) && nameEnd < text.length() && text.charAt(nameEnd) == NAME_END;
            if (!named) {
                left.append(text, start, Math.min(text.length(), endOfPair(start) + 1));
            }
        }
        return of(left.toString());
    }

    /** All properties. */
    public Map<String, String> asMap() {
        Map<String, String> properties = new LinkedHashMap<>();
        for (int start = 0; start < text.length(); start = endOfPair(start) + 1) {
            int end = endOfPair(start);
            int nameEnd = text.indexOf(NAME_END, start);
            if (nameEnd > start && nameEnd < end - 1) {
                properties.put(text.substring(start, nameEnd), text.substring(nameEnd + 1, end));
            }
        }
        return properties;
    }

    private int endOfPair(int start) {
        int end = text.indexOf(PAIR_END, start);
        return end < 0 ? text.length() : end;
    }

    private static void append(StringBuilder text, String name, String value) {
        text.append(name).append(NAME_END).append(value).append(PAIR_END);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MessageProperties properties && text.equals(properties.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Names only: values belong to the sender. */
    @Override
    public String toString() {
        return asMap().keySet().toString();
    }
}
