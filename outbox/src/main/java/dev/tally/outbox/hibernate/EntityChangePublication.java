package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.InvalidChangePublicationException;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.publish.DeferredPublisher;
import jakarta.persistence.EntityManagerFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.service.spi.EventListenerRegistrationException;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.EventType;
import org.hibernate.metamodel.spi.MappingMetamodelImplementor;
import org.hibernate.persister.entity.EntityPersister;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;

/**
 * Publishes the changes of entities annotated with {@link PublishChanges}.
 *
 * @since 0.1
 */
public final class EntityChangePublication {

    private static final Logger log = LoggerFactory.getLogger(EntityChangePublication.class);

    private EntityChangePublication() {}

    /**
     * Publishes the changes that entity managers of {@code entityManagerFactory} write from now on. Does nothing where no
     * entity is annotated, or where that is done already.
     *
     * @param entityManagerFactory one of Hibernate's
     * @param publisher asked at each change
     * @param placeholders resolves {@code ${...}} in annotations
     * @return the annotated entities' classes
     * @throws InvalidChangePublicationException if an annotation is not right, or an annotated entity has properties that
     *     cannot be published; the message lists all faults
     */
    public static List<Class<?>> install(
            EntityManagerFactory entityManagerFactory,
            Supplier<DeferredPublisher> publisher,
            UnaryOperator<String> placeholders) {
        SessionFactoryImplementor factory = entityManagerFactory.unwrap(SessionFactoryImplementor.class);
        Map<String, PublishedEntity> published = published(factory.getMappingMetamodel(), placeholders);
        if (published.isEmpty()) {
            return List.of();
        }
        List<Class<?>> classes =
                published.values().stream().<Class<?>>map(PublishedEntity::type).toList();
        EntityChangeListener listener = new EntityChangeListener(published, publisher);
        EventListenerRegistry listeners = factory.getEventListenerRegistry();
        try {
            listeners.appendListeners(EventType.POST_INSERT, listener);
        } catch (EventListenerRegistrationException e) {
            log.debug("changes of this factory are published already", e);
            return classes;
        }
        listeners.appendListeners(EventType.POST_UPDATE, listener);
        listeners.appendListeners(EventType.POST_DELETE, listener);
        listeners.appendListeners(EventType.POST_UPSERT, listener);
        listeners.appendListeners(EventType.POST_COLLECTION_RECREATE, listener);
        listeners.appendListeners(EventType.POST_COLLECTION_UPDATE, listener);
        listeners.appendListeners(EventType.POST_COLLECTION_REMOVE, listener);
        log.info(
                "publishing changes of entities={}",
                published.values().stream().map(PublishedEntity::name).sorted().toList());
        return classes;
    }

    private static Map<String, PublishedEntity> published(
            MappingMetamodelImplementor metamodel, UnaryOperator<String> placeholders) {
        Map<String, PublishedEntity> published = new HashMap<>();
        Map<Class<?>, Set<String>> excluded = new LinkedHashMap<>();
        Set<String> faults = new LinkedHashSet<>();
        metamodel.forEachEntityDescriptor(entity -> {
            MergedAnnotation<PublishChanges> annotation = MergedAnnotations.from(
                            entity.getMappedClass(), SearchStrategy.SUPERCLASS)
                    .get(PublishChanges.class);
            if (annotation.getSource() instanceof Class<?> annotated) {
                List<String> ofEntity = new ArrayList<>();
                published.put(
                        entity.getEntityName(),
                        new PublishedEntity(
                                entity,
                                annotation.synthesize(),
                                annotated == entity.getMappedClass(),
                                metamodel,
                                placeholders,
                                excluded.computeIfAbsent(annotated, unused -> new LinkedHashSet<>()),
                                ofEntity));
                ofEntity.forEach(fault -> faults.add(where(entity) + fault));
            }
        });
        excluded.forEach((annotated, found) -> Arrays.stream(
                        annotated.getAnnotation(PublishChanges.class).exclude())
                .filter(path -> !found.contains(path))
                .forEach(path ->
                        faults.add(annotated.getName() + ": there is no property '" + path + "' to exclude in it")));
        if (!faults.isEmpty()) {
            throw new InvalidChangePublicationException("Cannot start: " + faults.size()
                    + " faults in entities annotated with @PublishChanges:\n - " + String.join("\n - ", faults));
        }
        return published;
    }

    private static String where(EntityPersister entity) {
        return entity.getEntityName() + ": ";
    }
}
