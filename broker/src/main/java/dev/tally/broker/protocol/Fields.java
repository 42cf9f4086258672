package dev.tally.broker.protocol;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The named fields of a command header, all strings on the wire. Immutable.
 *
 * @since 0.1
 */
public final class Fields {

    private static final Fields NONE = new Fields(Map.of());

    private final Map<String, String> values;

    private Fields(Map<String, String> values) {
        this.values = values;
    }

    /** No fields. */
    public static Fields none() {
        return NONE;
    }

    /** Wraps a map that the caller gives away. */
    static Fields wrap(Map<String, String> values) {
        return values.isEmpty() ? NONE : new Fields(values);
    }

    /** Fields from name, value pairs; pairs whose value is {@code null} are left out. */
    public static Fields of(@Nullable Object... namesAndValues) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null) {
                values.put(String.valueOf(namesAndValues[i]), value.toString());
            }
        }
        return wrap(values);
    }

    /** The fields as an unmodifiable view. */
    public Map<String, String> asMap() {
        return Collections.unmodifiableMap(values);
    }

    /** The value, or {@code null} where the field is absent. */
    public @Nullable String text(String name) {
        return values.get(name);
    }

    /** The value of a field that the command cannot do without. */
    public String requiredText(String name) {
        String value = values.get(name);
        if (value == null || value.isEmpty()) {
            throw new MalformedCommandException("Field '" + name + "' is missing");
        }
        return value;
    }

    /** An integer field, or the default where it is absent. */
    public int number(String name, int absent) {
        long value = longNumber(name, absent);
        if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
            throw new MalformedCommandException("Field '" + name + "' is out of range: " + value);
        }
        return (int) value;
    }

    /** An integer field that the command cannot do without. */
    public int requiredNumber(String name) {
        requiredText(name);
        return number(name, 0);
    }

    /** A long field, or the default where it is absent. */
    public long longNumber(String name, long absent) {
        String value = values.get(name);
        if (value == null || value.isEmpty()) {
            return absent;
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new MalformedCommandException("Field '" + name + "' is not a number", e);
        }
    }

    /** A long field that the command cannot do without. */
    public long requiredLongNumber(String name) {
        requiredText(name);
        return longNumber(name, 0);
    }

    /** A truth value, or the default where it is absent. */
    public boolean flag(String name, boolean absent) {
        String value = values.get(name);
        return (value == null || value.isEmpty()) ? absent : Boolean.parseBoolean(value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Fields fields && values.equals(fields.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** Names only: values may carry message properties. */
    @Override
    public String toString() {
        return values.keySet().toString();
    }
}
