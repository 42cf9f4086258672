package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange;
import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.publish.OutgoingMessage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/** How changes of the entities of one class become messages; everything is looked up once. Thread-safe. */
final class PublishedEntity {

    private final EntityPersister entity;
    private final PublishChanges annotation;
    private final String name;
    private final String topic;
    private final MessageKey key;
    private final ValueReader identifier;
    private final Map<Integer, ValueReader> properties;
    private final Map<String, ElementsReader> collections = new LinkedHashMap<>();
    private final Set<Operation> operations;

    /**
     * Looks up what an annotation names.
     *
     * @param own whether the annotation is at the entity's class itself, not at one above it
     * @param excluded gets those of the properties to exclude that there are
     * @param faults gets what is wrong
     */
    PublishedEntity(
            EntityPersister entity,
            PublishChanges annotation,
            boolean own,
            MappingMetamodelImplementor metamodel,
            UnaryOperator<String> placeholders,
            Set<String> excluded,
            List<String> faults) {
        this.entity = entity;
        this.annotation = annotation;
        String jpaName = Objects.requireNonNullElse(entity.getJpaEntityName(), entity.getEntityName());
        this.name = own && !annotation.name().isEmpty() ? annotation.name() : jpaName;
        this.topic = placeholders.apply(annotation.topic());
        if (topic.isBlank()) {
            faults.add("its topic is blank");
        }
        this.operations = Set.copyOf(Arrays.asList(annotation.operations()));
        if (operations.isEmpty()) {
            faults.add("it names no operations, so nothing would be published");
        }
        this.key = MessageKey.of(annotation.key(), entity, metamodel, faults);
        this.identifier = PublishedProperties.identifier(entity, metamodel);
        PublishedProperties found =
                new PublishedProperties(entity, metamodel, Set.copyOf(Arrays.asList(annotation.exclude())));
        this.properties = found.readers();
        properties.forEach((position, reader) -> collect(entity.getPropertyNames()[position], reader, collections));
        excluded.addAll(found.excluded());
        faults.addAll(found.faults());
    }

    String topic() {
        return topic;
    }

    String name() {
        return name;
    }

    Class<?> type() {
        return entity.getMappedClass();
    }

    /** One name for all entities among which identifiers are unique. */
    String root() {
        return entity.getRootEntityName();
    }

    /** Reads collections of the property at {@code path}; {@code null} if that is not published. */
    @Nullable ElementsReader elements(String path) {
        return collections.get(path);
    }

    private static void collect(String path, ValueReader reader, Map<String, ElementsReader> collections) {
        if (reader instanceof ElementsReader elements) {
            collections.put(path, elements);
        } else if (reader instanceof EmbeddedReader embedded) {
            embedded.properties()
                    .forEach((position, each) ->
                            collect(path + "." + embedded.type().getPropertyNames()[position], each, collections));
        }
    }

    /**
     * What happened to one entity.
     *
     * @param before its values before, {@code null} where they are not known
     * @param values its values now, for a deleted entity the last
     */
    CapturedChange captured(
            Operation operation,
            Object id,
            Object @Nullable [] before,
            Object[] values,
            SharedSessionContractImplementor session) {
        boolean known = before != null || operation != Operation.UPDATED;
        Map<String, @Nullable Object> earlier = new LinkedHashMap<>();
        if (before != null) {
            earlier.putAll(state(before, session));
        }
        return captured(operation, id, values, earlier, Map.of(), known, state(values, session), session);
    }

    /**
     * What happened to one collection of an entity.
     *
     * @param path the collection's property
     * @param before its elements before
     */
    CapturedChange capturedCollection(
            Object id, String path, Object before, Object[] values, SharedSessionContractImplementor session) {
        Map<String, @Nullable Object> state = state(values, session);
        return captured(Operation.UPDATED, id, values, state, Map.of(path, before), true, state, session);
    }

    private CapturedChange captured(
            Operation operation,
            Object id,
            Object[] values,
            Map<String, @Nullable Object> before,
            Map<String, Object> collectionsBefore,
            boolean knowsBefore,
            Map<String, @Nullable Object> state,
            SharedSessionContractImplementor session) {
        Object read = identifier.read(id, session);
        return new CapturedChange(
                this,
                read == null ? id : read,
                key.of(id, values, session),
                entity.isVersioned() ? values[entity.getVersionPropertyIndex()] : null,
                operation,
                before,
                collectionsBefore,
                knowsBefore,
                state);
    }

    private Map<String, @Nullable Object> state(Object[] values, SharedSessionContractImplementor session) {
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        properties.forEach((position, reader) -> {
            Object read = reader.read(values[position], session);
            if (read != ValueReader.NOT_LOADED) {
                state.put(entity.getPropertyNames()[position], read);
            }
        });
        return state;
    }

    /** What is different between the state before a change and after it. */
    Map<String, PropertyChange> differences(CapturedChange change) {
        Map<String, PropertyChange> differences = new LinkedHashMap<>();
        properties.forEach((position, reader) -> {
            String property = entity.getPropertyNames()[position];
            reader.compare(
                    property, valueAt(change.before(), property), valueAt(change.state(), property), differences);
        });
        change.collectionsBefore().forEach((path, before) -> {
            Object after = valueAt(change.state(), path);
            if (after != ValueReader.NOT_LOADED && !before.equals(after)) {
                differences.put(path, new PropertyChange(before == ValueReader.NOT_LOADED ? null : before, after));
            }
        });
        return differences;
    }

    /** The collections in a state, by path. */
    Map<String, Object> collectionsIn(Map<String, @Nullable Object> state) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (String path : collections.keySet()) {
            Object value = valueAt(state, path);
            found.put(path, value == null ? ValueReader.NOT_LOADED : value);
        }
        return found;
    }

    private static @Nullable Object valueAt(Map<String, @Nullable Object> state, String path) {
        Object value = state;
        for (String name : path.split("\\.", -1)) {
            if (!(value instanceof Map<?, ?> values) || !values.containsKey(name)) {
                return ValueReader.NOT_LOADED;
            }
            value = values.get(name);
        }
        return value;
    }

    /** The message about a change; {@code null} if such are not asked for, or the entity is known to be as it was. */
    @Nullable OutgoingMessage message(CapturedChange change) {
        if (!operations.contains(change.operation())) {
            return null;
        }
        Map<String, PropertyChange> changed = change.changed();
        if (change.operation() == Operation.UPDATED && change.knowsBefore() && changed.isEmpty()) {
            return null;
        }
        EntityChange payload =
                new EntityChange(name, change.id(), change.version(), change.operation(), changed, change.state());
        return OutgoingMessage.to(topic)
                .tag(annotation.tag().isEmpty() ? null : annotation.tag())
                .key(change.key())
                .payload(payload)
                .via(annotation.via())
                .build();
    }
}
