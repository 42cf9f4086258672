package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Hibernate did to one entity, in one flush or, put together, in several of them.
 *
 * @param before the state before; of collections, {@code collectionsBefore} counts
 * @param collectionsBefore the changed collections before, by path
 * @param knowsBefore whether the state before is known at all
 * @param state the state after, for a deleted entity before
 */
record CapturedChange(
        PublishedEntity entity,
        Object id,
        String key,
        @Nullable Object version,
        Operation operation,
        Map<String, @Nullable Object> before,
        Map<String, Object> collectionsBefore,
        boolean knowsBefore,
        Map<String, @Nullable Object> state) {

    /** What is different; empty where that is not known. */
    Map<String, PropertyChange> changed() {
        return operation == Operation.UPDATED && knowsBefore ? entity.differences(this) : Map.of();
    }

    /**
     * This change and a later one as one.
     *
     * @return {@code null} if the entity was not there before and is not there after
     */
    @Nullable CapturedChange then(CapturedChange later) {
        if (later.operation == Operation.DELETED) {
            return operation == Operation.CREATED ? null : later;
        }
        if (operation == Operation.DELETED) {
            return later.since(Operation.UPDATED, state, entity.collectionsIn(state), true, later.state);
        }
        return later.since(
                operation,
                overlaid(later.before, before),
                overlaid(later.collectionsBefore, collectionsBefore),
                knowsBefore && later.knowsBefore,
                overlaid(state, later.state));
    }

    private CapturedChange since(
            Operation as,
            Map<String, @Nullable Object> earlier,
            Map<String, Object> earlierCollections,
            boolean known,
            Map<String, @Nullable Object> now) {
        return new CapturedChange(entity, id, key, version, as, earlier, earlierCollections, known, now);
    }

    private static <T extends @Nullable Object> Map<String, T> overlaid(Map<String, T> below, Map<String, T> above) {
        Map<String, T> together = new LinkedHashMap<>(below);
        together.putAll(above);
        return together;
    }
}
