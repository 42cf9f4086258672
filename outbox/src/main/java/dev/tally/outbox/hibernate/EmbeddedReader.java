package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hibernate.bytecode.enhance.spi.LazyPropertyInitializer;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.type.CompositeType;
import org.jspecify.annotations.Nullable;

/**
 * Embedded values, and composite identifiers: an object with their properties by name.
 *
 * @param properties the readers of those that are published, by their position
 */
record EmbeddedReader(CompositeType type, Map<Integer, ValueReader> properties) implements ValueReader {

    @Override
    public @Nullable Object read(@Nullable Object value, SharedSessionContractImplementor session) {
        if (value == null) {
            return null;
        }
        if (value == LazyPropertyInitializer.UNFETCHED_PROPERTY) {
            return NOT_LOADED;
        }
        Object[] values = type.getPropertyValues(value, session);
        Map<String, @Nullable Object> read = new LinkedHashMap<>();
        properties.forEach((position, reader) -> {
            Object each = reader.read(values[position], session);
            if (each != NOT_LOADED) {
                read.put(type.getPropertyNames()[position], each);
            }
        });
        return read;
    }

    /** Property by property where there is a value on both sides. */
    @Override
    public void compare(
            String path, @Nullable Object from, @Nullable Object to, Map<String, PropertyChange> differences) {
        if (from instanceof Map<?, ?> before && to instanceof Map<?, ?> after) {
            properties.forEach((position, reader) -> {
                String name = type.getPropertyNames()[position];
                reader.compare(path + "." + name, valueOf(before, name), valueOf(after, name), differences);
            });
        } else {
            ValueReader.super.compare(path, from, to, differences);
        }
    }

    private static @Nullable Object valueOf(Map<?, ?> values, String name) {
        return values.containsKey(name) ? values.get(name) : NOT_LOADED;
    }
}
