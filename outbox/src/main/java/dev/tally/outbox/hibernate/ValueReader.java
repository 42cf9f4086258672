package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.util.Map;
import java.util.Objects;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;

/** Turns the values of one property into what a message has, and never loads anything for it. Thread-safe. */
interface ValueReader {

    /** Stands for a value that is not in memory. */
    Object NOT_LOADED = new Object() {
        @Override
        public String toString() {
            return "(not loaded)";
        }
    };

    /** The value, detached from the entity: what is done to that later does not show; or {@link #NOT_LOADED}. */
    @Nullable Object read(@Nullable Object value, SharedSessionContractImplementor session);

    /**
     * Adds what is different between two values that {@link #read} gave.
     *
     * @param path the property's
     */
    default void compare(
            String path, @Nullable Object from, @Nullable Object to, Map<String, PropertyChange> differences) {
        if (to != NOT_LOADED && !Objects.deepEquals(from, to)) {
            differences.put(path, new PropertyChange(from == NOT_LOADED ? null : from, to));
        }
    }
}
