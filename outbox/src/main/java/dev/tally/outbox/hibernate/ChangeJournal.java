package dev.tally.outbox.hibernate;

import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.publish.DeferredMessages;
import dev.tally.publish.DeferredPublisher;
import dev.tally.publish.OutgoingMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What Hibernate wrote in one transaction, and what becomes of it:
 *
 * <ol>
 *   <li>each flush adds what it wrote; a rolled back savepoint takes with it what was written since;
 *   <li>before the commit the publisher asks for messages: one for each entity, about all that happened to it;
 *   <li>what a flush within the commit finds, Hibernate's own last one, is handed over right after it.
 * </ol>
 *
 * Confined to the transaction's thread.
 */
final class ChangeJournal implements TransactionSynchronization {

    private static final Logger log = LoggerFactory.getLogger(ChangeJournal.class);

    private final Object resourceKey;
    private final List<CapturedChange> changes = new ArrayList<>();
    private final Deque<SavepointMark> savepoints = new ArrayDeque<>();
    private final DeferredMessages messages;
    private @Nullable SharedSessionContractImplementor announced;
    private boolean completed;

    private ChangeJournal(Object resourceKey, DeferredPublisher publisher, String topic) {
        this.resourceKey = resourceKey;
        this.messages = publisher.defer(topic, this::drain);
    }

    /**
     * The journal of the current transaction.
     *
     * @param resourceKey tells the journals of several session factories apart
     * @throws org.springframework.transaction.IllegalTransactionStateException where there is no transaction that could
     *     publish
     */
    static ChangeJournal current(Object resourceKey, DeferredPublisher publisher, String topic) {
        if (TransactionSynchronizationManager.getResource(resourceKey) instanceof ChangeJournal journal) {
            return journal;
        }
        ChangeJournal journal = new ChangeJournal(resourceKey, publisher, topic);
        TransactionSynchronizationManager.registerSynchronization(journal);
        TransactionSynchronizationManager.bindResource(resourceKey, journal);
        return journal;
    }

    void add(CapturedChange change, SharedSessionContractImplementor session) {
        changes.add(change);
        if (announced != session) {
            announced = session;
            session.getTransactionCompletionCallbacks().registerCallback(flushed -> flushedLast());
        }
    }

    /** The session has flushed for the last time, within the commit. */
    private void flushedLast() {
        announced = null;
        // A session that outlives a rolled back transaction keeps what was registered in it.
        if (!completed) {
            messages.handOver();
        }
    }

    private List<OutgoingMessage> drain() {
        Map<Subject, CapturedChange> bySubject = new LinkedHashMap<>();
        for (CapturedChange change : changes) {
            Subject subject = new Subject(change.entity().root(), change.id());
            CapturedChange earlier = bySubject.get(subject);
            CapturedChange together = earlier == null ? change : earlier.then(change);
            // A creation stays where it was: what comes after may refer to it. All else is where it happened last.
            if (together == null || together.operation() != Operation.CREATED) {
                bySubject.remove(subject);
            }
            if (together != null) {
                bySubject.put(subject, together);
            }
        }
        changes.clear();
        savepoints.clear();
        return bySubject.values().stream()
                .map(change -> change.entity().message(change))
                .filter(Objects::nonNull)
                .toList();
    }

    @Override
    public void suspend() {
        TransactionSynchronizationManager.unbindResource(resourceKey);
    }

    @Override
    public void resume() {
        TransactionSynchronizationManager.bindResource(resourceKey, this);
    }

    @Override
    public void savepoint(Object savepoint) {
        savepoints.push(new SavepointMark(savepoint, changes.size()));
    }

    @Override
    public void savepointRollback(Object savepoint) {
        int kept = 0; // one that is not known was made before the first change
        while (!savepoints.isEmpty()) {
            SavepointMark latest = savepoints.pop();
            if (latest.savepoint == savepoint) {
                kept = latest.changes;
                // The savepoint itself survives, and may be rolled back to again.
                savepoints.push(latest);
                break;
            }
        }
        changes.subList(kept, changes.size()).clear();
    }

    @Override
    public void afterCompletion(int status) {
        completed = true;
        TransactionSynchronizationManager.unbindResourceIfPossible(resourceKey);
        if (status == STATUS_COMMITTED && !changes.isEmpty()) {
            log.error(
                    "entities changed after their transaction's messages were handed over, and their changes are lost"
                            + " entities={}; change them before the commit",
                    changes.stream()
                            .map(change -> change.entity().name() + "/" + change.id())
                            .toList());
        }
        changes.clear();
    }

    private record Subject(String root, Object id) {}

    private record SavepointMark(Object savepoint, int changes) {}
}
