package dev.tally.outbox.hibernate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.type.CollectionType;
import org.hibernate.type.CompositeType;
import org.hibernate.type.EntityType;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;

/** What orders the messages about one kind of entity: its identifier or one of its properties. Thread-safe. */
final class MessageKey {

    private static final int IDENTIFIER = -1;

    private final ValueReader identifier;
    private final int property;
    private final List<Step> steps;
    private final ValueReader value;

    private MessageKey(ValueReader identifier, int property, List<Step> steps, ValueReader value) {
        this.identifier = identifier;
        this.property = property;
        this.steps = List.copyOf(steps);
        this.value = value;
    }

    /**
     * Looks up a key.
     *
     * @param path of a property; empty for the identifier
     * @param faults gets what is wrong with it
     */
    static MessageKey of(
            String path, EntityPersister entity, MappingMetamodelImplementor metamodel, List<String> faults) {
        ValueReader identifier = PublishedProperties.identifier(entity, metamodel);
        MessageKey byIdentifier = new MessageKey(identifier, IDENTIFIER, List.of(), identifier);
        if (path.isEmpty()) {
            return byIdentifier;
        }
        List<String> names = new ArrayList<>(Arrays.asList(path.split("\\.", -1)));
        int property = Arrays.asList(entity.getPropertyNames()).indexOf(names.get(0));
        Type type;
        if (property >= 0) {
            if (entity.getPropertyLaziness()[property]) {
                faults.add("its key '" + path + "' is loaded lazily, and may not be there when a message needs it");
                return byIdentifier;
            }
            type = entity.getPropertyTypes()[property];
            names.remove(0);
        } else {
            property = IDENTIFIER;
            type = entity.getIdentifierType();
            if (names.get(0).equals(entity.getIdentifierPropertyName())) {
                names.remove(0);
            } else if (entity.hasIdentifierProperty() || !(type instanceof CompositeType)) {
                faults.add(missing(path, names.get(0), Arrays.asList(entity.getPropertyNames())));
                return byIdentifier;
            }
        }
        List<Step> steps = new ArrayList<>();
        for (String name : names) {
            List<String> there =
                    type instanceof CompositeType composite ? Arrays.asList(composite.getPropertyNames()) : List.of();
            int position = there.indexOf(name);
            if (position < 0 || !(type instanceof CompositeType composite)) {
                faults.add(missing(path, name, there));
                return byIdentifier;
            }
            steps.add(new Step(composite, position));
            type = composite.getSubtypes()[position];
        }
        if (type instanceof CollectionType || type.isAnyType()) {
            faults.add("its key '" + path + "' is neither a single value nor an association with one entity");
            return byIdentifier;
        }
        return new MessageKey(identifier, property, steps, reader(type, metamodel));
    }

    private static String missing(String path, String name, List<String> there) {
        return "its key '" + path + "' does not exist: there is no property '" + name + "' in " + there;
    }

    private static ValueReader reader(Type type, MappingMetamodelImplementor metamodel) {
        if (type instanceof EntityType reference) {
            return PublishedProperties.reference(
                    metamodel.getEntityDescriptor(reference.getAssociatedEntityName()), metamodel);
        }
        return new BasicReader(type);
    }

    /** The key of one entity. */
    String of(Object id, Object[] state, SharedSessionContractImplementor session) {
        Object read = property == IDENTIFIER ? id : state[property];
        for (Step step : steps) {
            read = read == null ? null : step.type.getPropertyValue(read, step.position, session);
        }
        Object key = value.read(read, session);
        return text(key == null || key == ValueReader.NOT_LOADED ? identifier.read(id, session) : key);
    }

    private static String text(@Nullable Object key) {
        return key instanceof Map<?, ?> parts
                ? parts.values().stream().map(MessageKey::text).collect(Collectors.joining(":"))
                : String.valueOf(key);
    }

    private record Step(CompositeType type, int position) {}
}
