package dev.tally.broker.protocol;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The named fields of a command header, all strings on the wire. Immutable. A command has a dozen at most as a rule, so
 * they lie one after the other and are searched in turn.
 *
 * @since 0.1
 */
public final class Fields {

    private static final Fields NONE = new Fields(new String[0]);

    /** Name, value, name, value; of a name that comes twice the last one counts. */
    private final String[] namesAndValues;

    private Fields(String[] namesAndValues) {
        this.namesAndValues = namesAndValues;
    }

    /** No fields. */
    public static Fields none() {
        return NONE;
    }

    /** Fields from name, value pairs; pairs whose value is {@code null} are left out. */
    public static Fields of(@Nullable Object... namesAndValues) {
        Collector collector = new Collector(namesAndValues.length / 2);
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null) {
                collector.add(String.valueOf(namesAndValues[i]), value.toString());
            }
        }
        return collector.fields();
    }

    /** Collects fields while they are read. */
    static final class Collector {
        private String[] pairs;
        private int used;

        Collector(int expected) {
            pairs = new String[Math.max(1, expected) * 2];
        }

        void add(String name, String value) {
            if (used == pairs.length) {
                pairs = Arrays.copyOf(pairs, used * 2);
            }
            pairs[used] = name;
            pairs[used + 1] = value;
            used += 2;
        }

        int size() {
            return used / 2;
        }

        Fields fields() {
            return used == 0 ? NONE : new Fields(used == pairs.length ? pairs : Arrays.copyOf(pairs, used));
        }
    }

    /** How many there are. */
    int size() {
        return namesAndValues.length / 2;
    }

    /** Hands out all fields in their order. */
    void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            action.accept(namesAndValues[i], namesAndValues[i + 1]);
        }
    }

    /** The fields as an unmodifiable map. */
    public Map<String, String> asMap() {
        Map<String, String> map = new LinkedHashMap<>();
        forEach(map::put);
        return Collections.unmodifiableMap(map);
    }

    /** The value, or {@code null} where the field is absent. */
    public @Nullable String text(String name) {
        for (int i = namesAndValues.length - 2; i >= 0; i -= 2) {
            if (namesAndValues[i].equals(name)) {
                return namesAndValues[i + 1];
            }
        }
        return null;
    }

    /** The value of a field that the command cannot do without. */
    public String requiredText(String name) {
        String value = text(name);
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
        String value = text(name);
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
        String value = text(name);
        return (value == null || value.isEmpty()) ? absent : Boolean.parseBoolean(value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Fields fields && asMap().equals(fields.asMap());
    }

    @Override
    public int hashCode() {
        return asMap().hashCode();
    }

    /** Names only: values may carry message properties. */
    @Override
    public String toString() {
        return asMap().keySet().toString();
    }
}
