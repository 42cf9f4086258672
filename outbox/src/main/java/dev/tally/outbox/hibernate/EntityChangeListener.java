package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.publish.DeferredPublisher;
import java.util.Map;
import java.util.function.Supplier;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.engine.spi.EntityEntry;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.AbstractCollectionEvent;
import org.hibernate.event.spi.AbstractEvent;
import org.hibernate.event.spi.PostCollectionRecreateEvent;
import org.hibernate.event.spi.PostCollectionRecreateEventListener;
import org.hibernate.event.spi.PostCollectionRemoveEvent;
import org.hibernate.event.spi.PostCollectionRemoveEventListener;
import org.hibernate.event.spi.PostCollectionUpdateEvent;
import org.hibernate.event.spi.PostCollectionUpdateEventListener;
import org.hibernate.event.spi.PostDeleteEvent;
import org.hibernate.event.spi.PostDeleteEventListener;
import org.hibernate.event.spi.PostInsertEvent;
import org.hibernate.event.spi.PostInsertEventListener;
import org.hibernate.event.spi.PostUpdateEvent;
import org.hibernate.event.spi.PostUpdateEventListener;
import org.hibernate.event.spi.PostUpsertEvent;
import org.hibernate.event.spi.PostUpsertEventListener;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/**
 * Notes in the transaction's journal what Hibernate says that it wrote. What it throws makes the flush fail.
 * Thread-safe.
 */
final class EntityChangeListener
        implements PostInsertEventListener,
                PostUpdateEventListener,
                PostDeleteEventListener,
                PostUpsertEventListener,
                PostCollectionRecreateEventListener,
                PostCollectionUpdateEventListener,
                PostCollectionRemoveEventListener {

    private final transient Map<String, PublishedEntity> byEntityName;
    private final transient Supplier<DeferredPublisher> publisher;

    EntityChangeListener(Map<String, PublishedEntity> byEntityName, Supplier<DeferredPublisher> publisher) {
        this.byEntityName = Map.copyOf(byEntityName);
        this.publisher = publisher;
    }

    @Override
    public void onPostInsert(PostInsertEvent event) {
        note(event.getPersister(), Operation.CREATED, event.getEntity(), event.getId(), null, event.getState(), event);
    }

    @Override
    public void onPostUpdate(PostUpdateEvent event) {
        note(
                event.getPersister(),
                Operation.UPDATED,
                event.getEntity(),
                event.getId(),
                event.getOldState(),
                event.getState(),
                event);
    }

    /** Whether there was a row before, nobody knows: it counts as an update. */
    @Override
    public void onPostUpsert(PostUpsertEvent event) {
        note(event.getPersister(), Operation.UPDATED, event.getEntity(), event.getId(), null, event.getState(), event);
    }

    @Override
    public void onPostDelete(PostDeleteEvent event) {
        note(
                event.getPersister(),
                Operation.DELETED,
                event.getEntity(),
                event.getId(),
                null,
                event.getDeletedState(),
                event);
    }

    private void note(
            EntityPersister persister,
            Operation operation,
            Object entity,
            Object id,
            Object @Nullable [] before,
            Object @Nullable [] values,
            AbstractEvent event) {
        PublishedEntity published = byEntityName.get(persister.getEntityName());
        if (published != null) {
            SharedSessionContractImplementor session = event.getSession();
            Object[] now = values != null ? values : persister.getValues(entity);
            journal(published).add(published.captured(operation, id, before, now, session), session);
        }
    }

    @Override
    public void onPostRecreateCollection(PostCollectionRecreateEvent event) {
        note(event, (elements, session) -> elements.none());
    }

    @Override
    public void onPostUpdateCollection(PostCollectionUpdateEvent event) {
        note(event, (elements, session) -> elements.readSnapshot(event.getCollection(), session));
    }

    @Override
    public void onPostRemoveCollection(PostCollectionRemoveEvent event) {
        note(event, (elements, session) -> elements.readSnapshot(event.getCollection(), session));
    }

    private void note(AbstractCollectionEvent event, Before before) {
        Object owner = event.getAffectedOwnerOrNull();
        if (owner == null || isStateless(event.getCollection())) {
            return;
        }
        SharedSessionContractImplementor session = event.getSession();
        EntityEntry entry = session.getPersistenceContextInternal().getEntry(owner);
        if (entry == null || entry.getStatus().isDeletedOrGone()) {
            return; // its deletion says it all
        }
        PublishedEntity published = byEntityName.get(entry.getPersister().getEntityName());
        String path = path(event.getCollectionPersister());
        ElementsReader elements = published == null ? null : published.elements(path);
        if (published != null && elements != null) {
            Object[] values = entry.getPersister().getValues(owner);
            CapturedChange change =
                    published.capturedCollection(entry.getId(), path, before.read(elements, session), values, session);
            journal(published).add(change, session);
        }
    }

    /**
     * Stateless sessions write collections with their owner, and tell of that. Their events about collections have no
     * session, and fail where they are asked for it.
     */
    private static boolean isStateless(@Nullable PersistentCollection<?> collection) {
        return collection != null
                && (collection.getSession() == null || collection.getSession().isStateless());
    }

    private static String path(CollectionPersister collection) {
        String owner = collection.getOwnerEntityPersister().getEntityName();
        return collection.getRole().substring(owner.length() + 1);
    }

    private ChangeJournal journal(PublishedEntity published) {
        return ChangeJournal.current(this, publisher.get(), published.topic());
    }

    @Override
    public boolean requiresPostCommitHandling(EntityPersister persister) {
        return false;
    }

    /** A collection's elements before its change. */
    private interface Before {
        Object read(ElementsReader elements, SharedSessionContractImplementor session);
    }
}
