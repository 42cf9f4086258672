package dev.tally.outbox.change;

import dev.tally.message.MessageType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * What one transaction did to one entity. Immutable, as long as nobody changes the values in it.
 *
 * <p>Its JSON is an object with these names, whatever the mapper's settings for names and nulls are. Values are what JSON
 * has: embedded values and composite identifiers are objects, collections are arrays (maps: objects), associations are the
 * target's identifier. Read back, whole numbers are an {@link Integer}, {@link Long} or {@link java.math.BigInteger},
 * others a {@link java.math.BigDecimal}; {@link EntityChangeReader} gives typed ones.
 *
 * @param entity the logical name of the entity's type, see {@link PublishChanges#name}
 * @param id its identifier; for a composite one its parts by name
 * @param version its version after the change, for a deleted one the last; {@code null} without one
 * @param operation what happened to it
 * @param changed for {@link Operation#UPDATED} the changed properties by path, {@code address.city}; empty for the other
 *     operations, and where the old values are not known (stateless sessions)
 * @param state the properties by name, after the change, for a deleted entity before it. What is not there was not
 *     loaded, or is excluded; it is not {@code null}
 * @since 0.1
 */
@MessageType("entity-change")
@JsonSerialize(using = EntityChangeWriter.class)
@JsonDeserialize(using = EntityChangeParser.class)
public record EntityChange(
        String entity,
        Object id,
        @Nullable Object version,
        Operation operation,
        Map<String, PropertyChange> changed,
        Map<String, @Nullable Object> state) {

    /** Copies the maps; they keep their order. */
    public EntityChange {
        changed = Collections.unmodifiableMap(new LinkedHashMap<>(changed));
        state = Collections.unmodifiableMap(new LinkedHashMap<>(state));
    }

    /** What happened to an entity, as its transaction's end result. */
    public enum Operation {
        /** It is there, and was not before. */
        CREATED,
        /** It was there before, and is different. */
        UPDATED,
        /** It is gone; with soft deletion its row is marked, if it is Hibernate that does so. */
        DELETED
    }

    /**
     * A property's value before and after.
     *
     * @param from before; also {@code null} where it was not loaded
     * @param to after
     */
    public record PropertyChange(
            @Nullable Object from, @Nullable Object to) {}
}
