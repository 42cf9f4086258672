package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.store.MessageStore;
import java.util.HashMap;
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
 * Pulls that wait at the end of their queue. All of a queue wake together when something arrives in it, in one task; a
 * pull whose time is up is answered with nothing, and those of a connection that is gone are let go with it. Thread-safe.
 */
final class HeldPulls implements MessageStore.ArrivalListener {

    private static final int MOST_HELD = 200_000;

    private final MessageStore store;
    private final Executor reads;
    private final ScheduledExecutorService scheduler;
    private final Map<Place, Set<Entry>> waiting = new HashMap<>();
    private final Map<Connection, Set<Entry>> byConnection = new HashMap<>();
    private int count;

    HeldPulls(MessageStore store, Executor reads, ScheduledExecutorService scheduler) {
        this.store = store;
        this.reads = reads;
        this.scheduler = scheduler;
    }

    private record Place(String topic, int queueId) {}

    /** A held pull in the lists. Identity counts. */
    private static final class Entry {
        private final Place place;
        private final Connection connection;
        private final Held pull;
        private volatile @Nullable ScheduledFuture<?> timeout;

        Entry(Place place, Connection connection, Held pull) {
            this.place = place;
            this.connection = connection;
            this.pull = pull;
        }

        void stopWaiting() {
            ScheduledFuture<?> pending = timeout;
            if (pending != null) {
                pending.cancel(false);
            }
        }
    }

    /** A pull that can wait. */
    interface Held {
        /** Something arrived, or may have: look again. Called on a thread that may read. */
        void lookAgain();

        /** The time is up, there is no room to wait, or the connection is gone: answer with nothing. */
        void giveUp();
    }

    /**
     * Holds a pull.
     *
     * @param offset where it waits
     * @param millis how long
     */
    void hold(Connection connection, String topic, int queueId, long offset, long millis, Held pull) {
        Entry entry = new Entry(new Place(topic, queueId), connection, pull);
        if (!add(entry)) {
            pull.giveUp();
            return;
        }
        entry.timeout = scheduler.schedule(() -> end(entry), millis, TimeUnit.MILLISECONDS);
        if (!connection.open()) {
            // It ended between the read that found nothing and the entry into the lists.
            end(entry);
        } else if (store.maxOffset(topic, queueId) > offset) {
            // The same with a message that arrived.
            arrived(topic, queueId, offset);
        }
    }

    @Override
    public void arrived(String topic, int queueId, long nextOffset) {
        List<Entry> woken = take(new Place(topic, queueId));
        if (woken.isEmpty()) {
            return;
        }
        try {
            reads.execute(() -> woken.forEach(entry -> {
                entry.stopWaiting();
                entry.pull.lookAgain();
            }));
        } catch (RejectedExecutionException e) {
            // The readers are overloaded or stopping: an empty answer makes the client ask again.
            woken.forEach(entry -> {
                entry.stopWaiting();
                entry.pull.giveUp();
            });
        }
    }

    /** A connection is gone, and with it whoever waits for its pulls. */
    void gone(Connection connection) {
        for (Entry entry : takeOf(connection)) {
            entry.stopWaiting();
            entry.pull.giveUp();
        }
    }

    /** Pulls that wait now. */
    synchronized int size() {
        return count;
    }

    private void end(Entry entry) {
        if (remove(entry)) {
            entry.stopWaiting();
            entry.pull.giveUp();
        }
    }

    private synchronized boolean add(Entry entry) {
        if (count >= MOST_HELD) {
            return false;
        }
        waiting.computeIfAbsent(entry.place, p -> new LinkedHashSet<>()).add(entry);
        byConnection
                .computeIfAbsent(entry.connection, c -> new LinkedHashSet<>())
                .add(entry);
        count++;
        return true;
    }

    private synchronized List<Entry> take(Place place) {
        return removeAll(waiting.getOrDefault(place, Set.of()));
    }

    private synchronized List<Entry> takeOf(Connection connection) {
        return removeAll(byConnection.getOrDefault(connection, Set.of()));
    }

    private List<Entry> removeAll(Set<Entry> entries) {
        List<Entry> taken = List.copyOf(entries);
        taken.forEach(this::remove);
        return taken;
    }

    private synchronized boolean remove(Entry entry) {
        if (!removeFrom(waiting, entry.place, entry)) {
            return false;
        }
        removeFrom(byConnection, entry.connection, entry);
        count--;
        return true;
    }

    private static <K> boolean removeFrom(Map<K, Set<Entry>> entries, K key, Entry entry) {
        Set<Entry> there = entries.get(key);
        if (there == null || !there.remove(entry)) {
            return false;
        }
        if (there.isEmpty()) {
            entries.remove(key);
        }
        return true;
    }
}
