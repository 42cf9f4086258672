package dev.tally.outbox.change;

import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;

/** Reads the document; decimals keep all their digits whatever the mapper's settings are. */
final class EntityChangeParser extends ValueDeserializer<EntityChange> {

    @Override
    public EntityChange deserialize(JsonParser json, DeserializationContext context) {
        Map<?, ?> document = json.currentToken() == JsonToken.START_OBJECT ? object(json, context) : Map.of();
        Object entity = document.get("entity");
        Object id = document.get("id");
        Operation operation = operation(document.get("operation"));
        if (!(entity instanceof String name)
                || id == null
                || operation == null
                || !(document.get("changed") instanceof Map<?, ?> changed)
                || !(document.get("state") instanceof Map<?, ?> state)) {
            return context.reportInputMismatch(
                    EntityChange.class,
                    "it is no change of an entity: entity=%s, operation=%s, and there are %s",
                    entity,
                    document.get("operation"),
                    document.keySet());
        }
        return new EntityChange(name, id, document.get("version"), operation, changes(changed, context), named(state));
    }

    private static @Nullable Operation operation(@Nullable Object name) {
        for (Operation each : Operation.values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    private static Map<String, PropertyChange> changes(Map<?, ?> changed, DeserializationContext context) {
        Map<String, PropertyChange> changes = new LinkedHashMap<>();
        changed.forEach((path, change) -> {
            if (change instanceof Map<?, ?> values) {
                changes.put((String) path, new PropertyChange(values.get("from"), values.get("to")));
            } else {
                context.reportInputMismatch(EntityChange.class, "the change of %s is no object", path);
            }
        });
        return changes;
    }

    private static Map<String, @Nullable Object> named(Map<?, ?> values) {
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        values.forEach((name, value) -> named.put((String) name, value));
        return named;
    }

    private static @Nullable Object value(JsonParser json, DeserializationContext context) {
        return switch (json.currentToken()) {
            case START_OBJECT -> object(json, context);
            case START_ARRAY -> array(json, context);
            case VALUE_STRING -> json.getString();
            case VALUE_NUMBER_INT -> json.getNumberValue();
            case VALUE_NUMBER_FLOAT -> json.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> context.handleUnexpectedToken(EntityChange.class, json);
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser json, DeserializationContext context) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            values.put(name, value(json, context));
        }
        return values;
    }

    private static List<@Nullable Object> array(JsonParser json, DeserializationContext context) {
        List<@Nullable Object> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(value(json, context));
        }
        return values;
    }
}
