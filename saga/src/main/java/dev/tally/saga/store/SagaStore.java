package dev.tally.saga.store;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where sagas are kept. Everything happens in the current transaction, which the caller has begun; best with READ COMMITTED,
 * since with snapshots what another transaction has changed meanwhile is a conflict, or not seen. Thread-safe.
 *
 * @since 0.1
 */
public interface SagaStore {

    /**
     * Adds a saga.
     *
     * @param first its first history
     * @return {@code false}, and nothing is changed, if there is one with its name and business key; that of another running
     *     transaction is waited for
     */
    boolean insertNew(StoredSaga saga, HistoryEntry first);

    /** The saga, as committed. */
    Optional<StoredSaga> find(String id);

    /** The saga with a business key, as committed. */
    Optional<StoredSaga> find(String name, String businessKey);

    /**
     * The saga that {@link #insertNew} has found with a business key, also where the transaction sees the state of the time
     * when it began.
     */
    default Optional<StoredSaga> findExisting(String name, String businessKey) {
        return find(name, businessKey);
    }

    /** Locks sagas until the end of the transaction, in the order of their ids; those that there are not are left out. */
    List<StoredSaga> lock(Collection<String> ids);

    /**
     * Keeps changed sagas, whose {@link StoredSaga#version()} is one more than what is kept.
     *
     * @throws StaleSagaException if one of them was changed by somebody else; the transaction has to be rolled back
     */
    void save(List<StoredSaga> sagas, List<HistoryEntry> history);

    /**
     * Locks sagas of one name whose time to wake has come, the earliest first; those that somebody else has are left out.
     *
     * @param versions the versions of the definition that the caller can run
     * @param limit how many at most
     */
    List<StoredSaga> lockDue(String name, Set<Integer> versions, Instant now, int limit);

    /** Keeps mail, unless it is there. */
    void putMail(List<Mail> mail);

    /** Mail of a saga that waits, of one kind and name, the oldest first. */
    List<Mail> mail(String sagaId, Mail.Kind kind, String name);

    /** All mail of one kind of some sagas, the oldest first. */
    List<Mail> mail(Collection<String> sagaIds, Mail.Kind kind);

    /** Removes mail that was taken. */
    void removeMail(String sagaId, Collection<String> ids);

    /**
     * Sets the time to wake of a saga to {@code at}, so that somebody who can run it looks at it: it has mail, or a lock.
     * Changes nothing if that time comes earlier anyway, if the saga has ended, or if it is parked so that answers wait: what
     * releases it wakes it. Waits for who has locked the saga.
     */
    void wake(String sagaId, Instant at);

    /** The history of a saga, in order. */
    List<HistoryEntry> history(String sagaId);

    /** How many sagas have not ended, by name, version and fingerprint. */
    Map<OpenVersion, Long> openVersions();

    /**
     * Sagas that have not ended with a version of a definition.
     *
     * @param limit how many at most
     */
    List<StoredSaga> open(OpenVersion version, int limit);

    /**
     * Removes sagas that ended before {@code limit} with all that belongs to them, the earliest first, and as many strays of
     * sagas that there are not any more. What others have locked is left for the next time.
     *
     * @param batch how many sagas at most
     * @return how many sagas were removed
     */
    int purgeEnded(Instant limit, int batch);

    /**
     * A version of a definition of which there are sagas.
     *
     * @param name of the definition
     * @param version its version
     * @param fingerprint of it
     */
    record OpenVersion(String name, int version, String fingerprint) {}
}
