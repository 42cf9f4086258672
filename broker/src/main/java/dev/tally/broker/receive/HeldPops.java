package dev.tally.broker.receive;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.PopRequest;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.topic.GroupTopics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Pops that wait for messages. When one can find something, one of its group wakes; when that is done and there is more,
 * the next. Whose time is up is answered with nothing, and those of a connection that is gone are let go. Thread-safe.
 */
final class HeldPops implements MessageStore.ArrivalListener {

    private static final int MOST_HELD = 100_000;
    private static final int MOST_OF_A_QUEUE = 1024;

    private final MessageStore store;
    private final Executor reads;
    private final ScheduledExecutorService scheduler;
    private final Map<Place, Set<Entry>> waiting = new HashMap<>();
    private final Map<String, Set<Place>> byTopic = new HashMap<>();
    private final Map<Connection, Set<Entry>> byConnection = new HashMap<>();
    private int count;

    HeldPops(MessageStore store, Executor reads, ScheduledExecutorService scheduler) {
        this.store = store;
        this.reads = reads;
        this.scheduler = scheduler;
    }

    private record Place(String group, String topic) {

        String retryTopic() {
            return GroupTopics.popRetry(group, topic);
        }
    }

    /** Somebody in the lists. Identity counts. */
    private static final class Entry {
        private final Place place;
        private final PopWaiting pop;
        private volatile @Nullable ScheduledFuture<?> timeout;

        Entry(PopWaiting pop) {
            this.place = new Place(pop.wanted().group(), pop.wanted().topic());
            this.pop = pop;
        }

        void stopWaiting() {
            ScheduledFuture<?> pending = timeout;
            if (pending != null) {
                pending.cancel(false);
            }
        }
    }

    /** Holds a pop for that long; {@code false} where too many wait already. */
    boolean hold(PopWaiting pop, long millis) {
        Entry entry = new Entry(pop);
        if (!add(entry)) {
            return false;
        }
        entry.timeout = scheduler.schedule(() -> end(entry), millis, TimeUnit.MILLISECONDS);
        if (!pop.connection().open()) {
            // It ended between the read that found nothing and the entry into the lists.
            end(entry);
        } else if (canFind(entry)) {
            // The same with a message that arrived, or a pop that was in the way.
            wake(entry);
        }
        return true;
    }

    /** How many of a group wait at a queue, or at all of a topic where that is below 0. */
    synchronized int waitingAt(String group, String topic, int queueId) {
        return atQueue(new Place(group, topic), Math.max(-1, queueId));
    }

    private int atQueue(Place place, int queueId) {
        int found = 0;
        for (Entry entry : waiting.getOrDefault(place, Set.of())) {
            found += Math.max(-1, entry.pop.wanted().queueId()) == queueId ? 1 : 0;
        }
        return found;
    }

    @Override
    public void arrived(String topic, int queueId, long nextOffset) {
        for (Place place : placesOf(topic)) {
            look(place, topic, queueId);
        }
    }

    /** Something of a topic may be there for a group: a pop ended that was in the way, or had no room for more. */
    void look(String group, String topic) {
        Set<Integer> nothingAt = new HashSet<>();
        for (Entry entry : candidates(new Place(group, topic))) {
            PopRequest wanted = entry.pop.wanted();
            if (!wanted.ordered() && nothingAt.contains(wanted.queueId())) {
                continue;
            }
            if (!canFind(entry)) {
                nothingAt.add(wanted.queueId());
                continue;
            }
            wake(entry);
            if (entry.pop.takes()) {
                return;
            }
        }
    }

    private void look(Place place, String topic, int queueId) {
        List<Entry> candidates = candidates(place);
        // Who only asks comes first: whoever takes leaves nothing to be told of.
        for (Entry entry : candidates) {
            if (!entry.pop.takes() && looksInto(entry, topic, queueId) && poppable(entry, topic, queueId)) {
                wake(entry);
            }
        }
        for (Entry entry : candidates) {
            if (!entry.pop.takes() || !looksInto(entry, topic, queueId)) {
                continue;
            }
            if (poppable(entry, topic, queueId)) {
                wake(entry);
                return;
            }
            if (!entry.pop.wanted().ordered()) {
                // What one cannot have now, no other one can.
                return;
            }
        }
    }

    private static boolean looksInto(Entry entry, String topic, int queueId) {
        PopRequest wanted = entry.pop.wanted();
        return topic.equals(entry.place.topic)
                ? wanted.queueId() < 0 || wanted.queueId() == queueId
                : !wanted.ordered();
    }

    private boolean poppable(Entry entry, String topic, int queueId) {
        return store.poppable(
                entry.place.group,
                topic,
                queueId,
                entry.pop.wanted().ordered(),
                entry.pop.wanted().attemptId());
    }

    private boolean canFind(Entry entry) {
        return PopQueues.of(store, entry.pop.wanted(), 0).stream()
                .anyMatch(queue -> poppable(entry, queue.topic(), queue.queueId()));
    }

    private void wake(Entry entry) {
        if (!remove(entry)) {
            return;
        }
        entry.stopWaiting();
        try {
            reads.execute(entry.pop::lookAgain);
        } catch (RejectedExecutionException e) {
            // The readers are overloaded or stopping: an empty answer makes the client ask again.
            entry.pop.giveUp();
        }
    }

    /** A connection is gone, and with it whoever waits for its pops. */
    void gone(Connection connection) {
        for (Entry entry : of(connection)) {
            end(entry);
        }
    }

    /** Pops that wait now. */
    synchronized int size() {
        return count;
    }

    private void end(Entry entry) {
        if (remove(entry)) {
            entry.stopWaiting();
            entry.pop.giveUp();
        }
    }

    private synchronized List<Place> placesOf(String topic) {
        Set<Place> places = byTopic.get(topic);
        return places == null ? List.of() : List.copyOf(places);
    }

    private synchronized List<Entry> candidates(Place place) {
        Set<Entry> entries = waiting.get(place);
        return entries == null ? List.of() : new ArrayList<>(entries);
    }

    private synchronized List<Entry> of(Connection connection) {
        return List.copyOf(byConnection.getOrDefault(connection, Set.of()));
    }

    private synchronized boolean add(Entry entry) {
        Place place = entry.place;
        Set<Entry> there = waiting.computeIfAbsent(place, p -> new LinkedHashSet<>());
        int queueId = Math.max(-1, entry.pop.wanted().queueId());
        if (count >= MOST_HELD || (there.size() >= MOST_OF_A_QUEUE && atQueue(place, queueId) >= MOST_OF_A_QUEUE)) {
            return false;
        }
        there.add(entry);
        byTopic.computeIfAbsent(place.topic, t -> new LinkedHashSet<>()).add(place);
        byTopic.computeIfAbsent(place.retryTopic(), t -> new LinkedHashSet<>()).add(place);
        byConnection
                .computeIfAbsent(entry.pop.connection(), c -> new LinkedHashSet<>())
                .add(entry);
        count++;
        return true;
    }

    private synchronized boolean remove(Entry entry) {
        if (!removeFrom(waiting, entry.place, entry)) {
            return false;
        }
        if (!waiting.containsKey(entry.place)) {
            removeFrom(byTopic, entry.place.topic, entry.place);
            removeFrom(byTopic, entry.place.retryTopic(), entry.place);
        }
        removeFrom(byConnection, entry.pop.connection(), entry);
        count--;
        return true;
    }

    private static <K, V> boolean removeFrom(Map<K, Set<V>> entries, K key, V entry) {
        Set<V> there = entries.get(key);
        if (there == null || !there.remove(entry)) {
            return false;
        }
        if (there.isEmpty()) {
            entries.remove(key);
        }
        return true;
    }
}
