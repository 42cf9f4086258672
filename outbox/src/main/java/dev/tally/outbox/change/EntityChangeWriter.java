package dev.tally.outbox.change;

import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/** The document, always with all names and with nulls: a mapper that leaves nulls out would make them unknown. */
final class EntityChangeWriter extends ValueSerializer<EntityChange> {

    @Override
    public void serialize(EntityChange change, JsonGenerator json, SerializationContext context) {
        json.writeStartObject();
        property("entity", change.entity(), json, context);
        property("id", change.id(), json, context);
        property("version", change.version(), json, context);
        property("operation", change.operation().name(), json, context);
        json.writeName("changed");
        json.writeStartObject();
        for (Map.Entry<String, PropertyChange> each : change.changed().entrySet()) {
            json.writeName(each.getKey());
            json.writeStartObject();
            property("from", each.getValue().from(), json, context);
            property("to", each.getValue().to(), json, context);
            json.writeEndObject();
        }
        json.writeEndObject();
        property("state", change.state(), json, context);
        json.writeEndObject();
    }

    private static void property(
            String name, @Nullable Object value, JsonGenerator json, SerializationContext context) {
        json.writeName(name);
        value(value, json, context);
    }

    /** Objects and arrays here, because a mapper's settings for maps (order, nulls) must not reach into the state. */
    private static void value(@Nullable Object value, JsonGenerator json, SerializationContext context) {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Map<?, ?> map && map.keySet().stream().allMatch(String.class::isInstance)) {
            json.writeStartObject();
            map.forEach((name, each) -> property((String) name, each, json, context));
            json.writeEndObject();
        } else if (value instanceof Collection<?> values) {
            json.writeStartArray();
            values.forEach(each -> value(each, json, context));
            json.writeEndArray();
        } else {
            context.writeValue(json, value);
        }
    }
}
