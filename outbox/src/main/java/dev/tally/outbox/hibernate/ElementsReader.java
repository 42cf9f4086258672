package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.bytecode.enhance.spi.LazyPropertyInitializer;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.CollectionClassification;
import org.jspecify.annotations.Nullable;

/**
 * Collections that their owner writes: an array of elements, or for maps an object. No collection and an empty one are
 * the same, as they are in the database. Sets and bags have no order, so they get one.
 *
 * @param index reads the keys of maps, {@code null} otherwise
 */
record ElementsReader(
        CollectionClassification kind,
        ValueReader element,
        @Nullable ValueReader index) implements ValueReader {

    private static final Comparator<@Nullable Object> ANY_ORDER = Comparator.comparing(String::valueOf);

    @Override
    public @Nullable Object read(@Nullable Object value, SharedSessionContractImplementor session) {
        if (value == LazyPropertyInitializer.UNFETCHED_PROPERTY
                || (value instanceof PersistentCollection<?> collection && !collection.wasInitialized())) {
            return NOT_LOADED;
        }
        Object content = value instanceof PersistentCollection<?> collection && kind == CollectionClassification.ARRAY
                ? collection.getValue()
                : value;
        return elements(content, session);
    }

    /** Nothing: an entity's old values hold the same collection; Hibernate tells of its changes apart. */
    @Override
    public void compare(
            String path, @Nullable Object from, @Nullable Object to, Map<String, PropertyChange> differences) {}

    /** What a collection had when it was last written or read. */
    Object readSnapshot(@Nullable PersistentCollection<?> collection, SharedSessionContractImplementor session) {
        if (collection == null || !collection.wasInitialized()) {
            return NOT_LOADED;
        }
        // A set's is a map of each element to itself, an identifier bag's one by identifiers.
        Object snapshot = collection.getStoredSnapshot();
        return elements(snapshot instanceof Map<?, ?> map && index == null ? map.values() : snapshot, session);
    }

    Object none() {
        return index == null ? List.of() : Map.of();
    }

    private Object elements(@Nullable Object content, SharedSessionContractImplementor session) {
        if (content == null) {
            return none();
        }
        if (index != null && content instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> read = new LinkedHashMap<>();
            map.forEach((key, each) -> read.put(String.valueOf(index.read(key, session)), element.read(each, session)));
            return read;
        }
        List<@Nullable Object> read = new ArrayList<>();
        if (content instanceof Collection<?> elements) {
            elements.forEach(each -> read.add(element.read(each, session)));
        } else {
            for (int i = 0; i < Array.getLength(content); i++) {
                read.add(element.read(Array.get(content, i), session));
            }
        }
        if (kind != CollectionClassification.LIST && kind != CollectionClassification.ARRAY) {
            read.sort(order(read));
        }
        return read;
    }

    // Elements of one class that is comparable to itself: what Comparable cannot say in types.
    @SuppressWarnings("unchecked")
    private static Comparator<@Nullable Object> order(List<@Nullable Object> elements) {
        Object first = elements.isEmpty() ? null : elements.get(0);
        boolean comparable = first instanceof Comparable<?>
                && elements.stream().allMatch(each -> each != null && each.getClass() == first.getClass());
        return comparable ? (left, right) -> ((Comparable<@Nullable Object>) left).compareTo(right) : ANY_ORDER;
    }
}
