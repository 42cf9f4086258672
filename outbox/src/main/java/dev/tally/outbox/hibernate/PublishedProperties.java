package dev.tally.outbox.hibernate;

import java.io.InputStream;
import java.io.Reader;
import java.sql.Blob;
import java.sql.Clob;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.hibernate.metamodel.CollectionClassification;
import org.hibernate.metamodel.mapping.CollectionPart;
import org.hibernate.metamodel.mapping.EmbeddableValuedModelPart;
import org.hibernate.metamodel.mapping.EntityValuedModelPart;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.type.CollectionType;
import org.hibernate.type.CompositeType;
import org.hibernate.type.EntityType;
import org.hibernate.type.OneToOneType;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;

/** Finds out which properties of an entity are published, and how they are read. For one entity; not thread-safe. */
final class PublishedProperties {

    private static final List<Class<?>> STREAMS = List.of(Blob.class, Clob.class, InputStream.class, Reader.class);

    private final EntityPersister entity;
    private final MappingMetamodelImplementor metamodel;
    private final Set<String> exclude;
    private final Set<String> excluded = new HashSet<>();
    private final List<String> faults = new ArrayList<>();

    PublishedProperties(EntityPersister entity, MappingMetamodelImplementor metamodel, Set<String> exclude) {
        this.entity = entity;
        this.metamodel = metamodel;
        this.exclude = exclude;
    }

    /** The readers of what is published, by position. */
    Map<Integer, ValueReader> readers() {
        Map<Integer, ValueReader> readers = new LinkedHashMap<>();
        String[] names = entity.getPropertyNames();
        for (int i = 0; i < names.length; i++) {
            boolean left = isExcluded(names[i]);
            if (!left && !isOwn(i, names[i])) {
                continue;
            }
            ValueReader reader = left ? null : reader(names[i], entity.getPropertyTypes()[i]);
            if (reader != null) {
                readers.put(i, reader);
            }
        }
        return readers;
    }

    /** Reads the identifier. */
    static ValueReader identifier(EntityPersister entity, MappingMetamodelImplementor metamodel) {
        ValueReader reader = new PublishedProperties(entity, metamodel, Set.of())
                .reader("the identifier", entity.getIdentifierType());
        return reader != null ? reader : new BasicReader(entity.getIdentifierType());
    }

    /** What cannot be published. */
    List<String> faults() {
        return faults;
    }

    /** Which of the properties to exclude there are. */
    Set<String> excluded() {
        return excluded;
    }

    private boolean isExcluded(String path) {
        if (exclude.contains(path)) {
            excluded.add(path);
            return true;
        }
        return false;
    }

    /**
     * Whether the entity itself writes the property, other than the version, which messages have apart: what is read-only
     * shows columns that something else writes, and need not be right in memory.
     */
    private boolean isOwn(int i, String name) {
        if (entity.isVersioned() && entity.getVersionPropertyIndex() == i) {
            return false;
        }
        boolean madeByHibernate = name.startsWith("_") && (name.endsWith("Backref") || name.endsWith("Mapper"));
        boolean written = entity.getPropertyInsertability()[i]
                || entity.getPropertyUpdateability()[i]
                || entity.getGenerators()[i] != null
                || entity.getPropertyTypes()[i].isCollectionType()
                || entity.getPropertyTypes()[i].isAnyType();
        return !madeByHibernate && written;
    }

    private @Nullable ValueReader reader(String path, Type type) {
        if (type.isAnyType()) {
            faults.add(
                    "its property '" + path + "' is an @Any association, whose target's type is not known; exclude it");
            return null;
        }
        if (type instanceof CompositeType composite && type.isComponentType()) {
            return embedded(path, composite);
        }
        if (type instanceof CollectionType collection) {
            return elements(path, collection);
        }
        if (type instanceof OneToOneType) {
            return null; // the other side has the column
        }
        if (type instanceof EntityType reference) {
            return reference(metamodel.getEntityDescriptor(reference.getAssociatedEntityName()), metamodel);
        }
        if (STREAMS.stream().anyMatch(stream -> stream.isAssignableFrom(type.getReturnedClass()))) {
            faults.add("its property '" + path + "' is a stream ("
                    + type.getReturnedClass().getSimpleName()
                    + "), which does not fit into messages; exclude it, or map it as bytes or text");
            return null;
        }
        return new BasicReader(type);
    }

    private ValueReader embedded(String path, CompositeType type) {
        Map<Integer, ValueReader> readers = new LinkedHashMap<>();
        String[] names = type.getPropertyNames();
        for (int i = 0; i < names.length; i++) {
            String each = path + "." + names[i];
            ValueReader reader = isExcluded(each) ? null : reader(each, type.getSubtypes()[i]);
            if (reader != null) {
                readers.put(i, reader);
            }
        }
        return new EmbeddedReader(type, readers);
    }

    /** Reads associations with {@code target}. */
    static ValueReader reference(EntityPersister target, MappingMetamodelImplementor metamodel) {
        return new ReferenceReader(target, new Once(() -> identifier(target, metamodel)));
    }

    private @Nullable ValueReader elements(String path, CollectionType type) {
        CollectionPersister collection = metamodel.getCollectionDescriptor(type.getRole());
        if (collection.isInverse()) {
            return null; // the other side has the column
        }
        int before = faults.size();
        ValueReader element = reader(path, type.getElementType(collection.getFactory()));
        ValueReader index =
                isMap(type) ? mapKey(path, collection.getAttributeMapping().getIndexDescriptor()) : null;
        return element == null || faults.size() > before
                ? null
                : new ElementsReader(type.getCollectionClassification(), element, index);
    }

    private @Nullable ValueReader mapKey(String path, CollectionPart key) {
        if (key instanceof EntityValuedModelPart entityKey) {
            return reference(entityKey.getEntityMappingType().getEntityPersister(), metamodel);
        }
        if (key instanceof EmbeddableValuedModelPart) {
            faults.add("its property '" + path + "' is a map with embedded keys, which messages have no names for;"
                    + " exclude it");
            return null;
        }
        return (value, session) -> value; // names are made of it
    }

    private static boolean isMap(CollectionType type) {
        CollectionClassification kind = type.getCollectionClassification();
        return kind == CollectionClassification.MAP
                || kind == CollectionClassification.SORTED_MAP
                || kind == CollectionClassification.ORDERED_MAP;
    }

    /** Asks at the first use, when all entities are there. */
    private static final class Once implements Supplier<ValueReader> {

        private final Supplier<ValueReader> source;
        private volatile @Nullable ValueReader value;

        Once(Supplier<ValueReader> source) {
            this.source = source;
        }

        @Override
        public ValueReader get() {
            ValueReader known = value;
            if (known == null) {
                known = source.get();
                value = known;
            }
            return known;
        }
    }
}
