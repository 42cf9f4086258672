package dev.tally.testkit.saga;

import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.SagaStore;
import dev.tally.saga.store.StaleSagaException;
import dev.tally.saga.store.StoredSaga;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.dao.DuplicateKeyException;

/**
 * Sagas in memory, with the keys and the guards of the tables. Thread-safe by its {@link InMemoryTransactions}, in which
 * everything has to happen; reading outside of one is for a single thread.
 *
 * @since 0.1
 */
public final class InMemorySagaStore implements SagaStore {

    private record BusinessKey(String name, String key) {}

    private final InMemoryTransactions transactions;
    private final Map<String, StoredSaga> sagas = new TreeMap<>();
    private final Map<BusinessKey, String> keys = new LinkedHashMap<>();
    private final Map<String, List<HistoryEntry>> histories = new LinkedHashMap<>();
    private final Map<String, List<Mail>> mails = new LinkedHashMap<>();
    private final Set<String> touched = new LinkedHashSet<>();

    /** Creates an empty store. */
    public InMemorySagaStore(InMemoryTransactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public boolean insertNew(StoredSaga saga, HistoryEntry first) {
        BusinessKey key = new BusinessKey(saga.name(), saga.businessKey());
        if (sagas.containsKey(saga.id()) || keys.containsKey(key)) {
            return false;
        }
        keep(saga);
        transactions.put(keys, key, saga.id());
        add(first);
        return true;
    }

    private void keep(StoredSaga saga) {
        transactions.put(sagas, saga.id(), saga);
        touched.add(saga.id());
    }

    private void add(HistoryEntry entry) {
        List<HistoryEntry> entries = new ArrayList<>(histories.getOrDefault(entry.sagaId(), List.of()));
        if (entries.stream().anyMatch(each -> each.version() == entry.version())) {
            throw new DuplicateKeyException("Cannot keep the history of saga " + entry.sagaId() + ": version "
                    + entry.version() + " is there already");
        }
        entries.add(entry);
        entries.sort(Comparator.comparingLong(HistoryEntry::version));
        transactions.put(histories, entry.sagaId(), List.copyOf(entries));
    }

    @Override
    public Optional<StoredSaga> find(String id) {
        return Optional.ofNullable(sagas.get(id));
    }

    @Override
    public Optional<StoredSaga> find(String name, String businessKey) {
        String id = keys.get(new BusinessKey(name, businessKey));
        return id == null ? Optional.empty() : find(id);
    }

    @Override
    public List<StoredSaga> lock(Collection<String> ids) {
        return new TreeSet<>(ids).stream().flatMap(id -> find(id).stream()).toList();
    }

    @Override
    public void save(List<StoredSaga> changed, List<HistoryEntry> history) {
        for (StoredSaga saga : changed) {
            StoredSaga kept = sagas.get(saga.id());
            if (kept == null || kept.version() != saga.version() - 1) {
                throw new StaleSagaException("Cannot mark saga " + saga.title() + " " + saga.state()
                        + ": it is not at version " + (saga.version() - 1)
                        + " any more, somebody else has changed it; nothing was changed");
            }
            keep(saga);
        }
        history.forEach(this::add);
    }

    @Override
    public List<StoredSaga> lockDue(String name, Set<Integer> versions, Instant now, int limit) {
        return sagas.values().stream()
                .filter(saga -> saga.name().equals(name) && versions.contains(saga.definitionVersion()))
                .filter(saga -> saga.wakeAt() != null && !saga.wakeAt().isAfter(now))
                .sorted(Comparator.comparing(InMemorySagaStore::wakeTime).thenComparing(StoredSaga::id))
                .limit(limit)
                .toList();
    }

    private static Instant wakeTime(StoredSaga saga) {
        return saga.wakeAt() == null ? Instant.MAX : saga.wakeAt();
    }

    @Override
    public void putMail(List<Mail> mail) {
        for (Mail each : mail) {
            List<Mail> there = mails.getOrDefault(each.sagaId(), List.of());
            if (there.stream().noneMatch(other -> other.id().equals(each.id()))) {
                transactions.put(
                        mails,
                        each.sagaId(),
                        Stream.concat(there.stream(), Stream.of(each))
                                .sorted(Comparator.comparing(Mail::at).thenComparing(Mail::id))
                                .toList());
                touched.add(each.sagaId());
            }
        }
    }

    @Override
    public List<Mail> mail(String sagaId, Mail.Kind kind, String name) {
        return mails.getOrDefault(sagaId, List.of()).stream()
                .filter(each -> each.kind() == kind && each.name().equals(name))
                .toList();
    }

    @Override
    public List<Mail> mail(Collection<String> sagaIds, Mail.Kind kind) {
        return sagaIds.stream()
                .distinct()
                .flatMap(id -> mails.getOrDefault(id, List.of()).stream())
                .filter(each -> each.kind() == kind)
                .sorted(Comparator.comparing(Mail::at).thenComparing(Mail::id))
                .toList();
    }

    @Override
    public void removeMail(String sagaId, Collection<String> ids) {
        List<Mail> there = mails.getOrDefault(sagaId, List.of());
        transactions.put(
                mails,
                sagaId,
                there.stream().filter(each -> !ids.contains(each.id())).toList());
    }

    @Override
    public void wake(String sagaId, Instant at) {
        find(sagaId)
                .filter(saga -> saga.endedAt() == null && wakeTime(saga).isAfter(at))
                .ifPresent(saga -> keep(waking(saga, at)));
    }

    private static StoredSaga waking(StoredSaga saga, Instant at) {
        return new StoredSaga(
                saga.id(),
                saga.name(),
                saga.definitionVersion(),
                saga.fingerprint(),
                saga.businessKey(),
                saga.state(),
                saga.backward(),
                saga.parking(),
                saga.version(),
                saga.steps(),
                saga.data(),
                saga.parent(),
                saga.startedAt(),
                saga.deadlineAt(),
                at,
                saga.endedAt());
    }

    @Override
    public List<HistoryEntry> history(String sagaId) {
        return histories.getOrDefault(sagaId, List.of());
    }

    @Override
    public Map<OpenVersion, Long> openVersions() {
        Map<OpenVersion, Long> counts = new TreeMap<>(Comparator.comparing(OpenVersion::name)
                .thenComparing(OpenVersion::version)
                .thenComparing(OpenVersion::fingerprint));
        sagas.values().stream()
                .filter(saga -> saga.endedAt() == null)
                .forEach(saga -> counts.merge(versionOf(saga), 1L, Long::sum));
        return new LinkedHashMap<>(counts);
    }

    private static OpenVersion versionOf(StoredSaga saga) {
        return new OpenVersion(saga.name(), saga.definitionVersion(), saga.fingerprint());
    }

    @Override
    public List<StoredSaga> open(OpenVersion version, int limit) {
        return sagas.values().stream()
                .filter(saga -> saga.endedAt() == null && versionOf(saga).equals(version))
                .limit(limit)
                .toList();
    }

    @Override
    public int purgeEnded(Instant limit, int batch) {
        List<StoredSaga> ended = sagas.values().stream()
                .filter(saga -> saga.endedAt() != null && saga.endedAt().isBefore(limit))
                .sorted(Comparator.comparing(StoredSaga::endedAt))
                .limit(batch)
                .toList();
        for (StoredSaga saga : ended) {
            transactions.remove(histories, saga.id());
            transactions.remove(mails, saga.id());
            transactions.remove(keys, new BusinessKey(saga.name(), saga.businessKey()));
            transactions.remove(sagas, saga.id());
        }
        return ended.size();
    }

    /** Every saga as it is, in the order of their ids. */
    public List<StoredSaga> all() {
        return List.copyOf(sagas.values());
    }

    /** The sagas that may have changed, or have got mail, since this was asked the last time. */
    List<StoredSaga> touched() {
        List<StoredSaga> changed =
                touched.stream().flatMap(id -> find(id).stream()).toList();
        touched.clear();
        return changed;
    }
}
