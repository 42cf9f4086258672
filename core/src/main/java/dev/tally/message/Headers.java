package dev.tally.message;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a message: names and values are text, names are case-sensitive. Immutable.
 *
 * <p>Names that begin with {@value #RESERVED_PREFIX} belong to Tally.
 *
 * @since 0.1
 */
public final class Headers {

    /** Header names with this prefix are set by Tally and refused from users. */
    public static final String RESERVED_PREFIX = "tally-";

    /** The media type of the payload, for instance {@code application/json}; set on every published message. */
    public static final String CONTENT_TYPE = RESERVED_PREFIX + "content-type";

    /**
     * How many milliseconds after its commit a delayed message may be seen; absent for at once, and where {@link #DELIVER_AT}
     * is a time that the user gave. What a broker with a delay of its own goes by when it learns of the commit itself.
     */
    public static final String DELAY = RESERVED_PREFIX + "delay";

    /**
     * When a delayed message may be seen, in milliseconds since 1970: as the user gave it, or by the publisher's clock with
     * {@link #DELAY}. What is gone by when the message is sent after its commit, however late that is.
     */
    public static final String DELIVER_AT = RESERVED_PREFIX + "deliver-at";

    /**
     * When a message that was forwarded from one topic to another was stored for the first time, in milliseconds since 1970
     * by its broker's clock; absent on others.
     */
    public static final String STORED_AT = RESERVED_PREFIX + "stored-at";

    private static final Headers EMPTY = new Headers(Map.of());

    private final Map<String, String> values;

    private Headers(Map<String, String> values) {
        this.values = values;
    }

    /** No headers. */
    public static Headers empty() {
        return EMPTY;
    }

    /** A copy of {@code values}, in its iteration order. */
    public static Headers of(Map<String, String> values) {
        return values.isEmpty() ? EMPTY : new Headers(new LinkedHashMap<>(values));
    }

    /** The value of {@code name}, or {@code null}. */
    public @Nullable String get(String name) {
        return values.get(name);
    }

    /** These headers with {@code name} set to {@code value}. */
    public Headers with(String name, String value) {
        Map<String, String> copy = new LinkedHashMap<>(values);
        copy.put(name, value);
        return new Headers(copy);
    }

    /** An unmodifiable view. */
    public Map<String, String> asMap() {
        return java.util.Collections.unmodifiableMap(values);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Headers that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(values);
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
