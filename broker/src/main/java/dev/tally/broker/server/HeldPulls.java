package dev.tally.broker.server;

import dev.tally.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Pulls that wait at the end of their queue. All of a queue wake together when something arrives in it, in one task; a
 * pull whose time is up is answered with nothing. Thread-safe.
 */
final class HeldPulls implements MessageStore.ArrivalListener {

    private static final int MOST_HELD = 200_000;

    private final MessageStore store;
    private final Executor reads;
    private final ScheduledExecutorService scheduler;
    private final Map<Place, List<Held>> waiting = new HashMap<>();
    private int count;

    HeldPulls(MessageStore store, Executor reads, ScheduledExecutorService scheduler) {
        this.store = store;
        this.reads = reads;
        this.scheduler = scheduler;
    }

    private record Place(String topic, int queueId) {}

    /** A pull that can wait. */
    interface Held {
        /** Something arrived, or may have: look again. Called on a thread that may read. */
        void lookAgain();

        /** The time is up, or there is no room to wait: answer with nothing. */
        void giveUp();
    }

    /**
     * Holds a pull.
     *
     * @param offset where it waits
     * @param millis how long
     */
    void hold(String topic, int queueId, long offset, long millis, Held pull) {
        Place place = new Place(topic, queueId);
        if (!add(place, pull)) {
            pull.giveUp();
            return;
        }
        var unused = scheduler.schedule(() -> expire(place, pull), millis, TimeUnit.MILLISECONDS);
        if (store.maxOffset(topic, queueId) > offset) {
            // It arrived between the read that found nothing and the entry into the list.
            arrived(topic, queueId, offset);
        }
    }

    @Override
    public void arrived(String topic, int queueId, long nextOffset) {
        List<Held> woken = take(new Place(topic, queueId));
        if (woken.isEmpty()) {
            return;
        }
        try {
            reads.execute(() -> woken.forEach(Held::lookAgain));
        } catch (RejectedExecutionException e) {
            // The readers are overloaded or stopping: an empty answer makes the client ask again.
            woken.forEach(Held::giveUp);
        }
    }

    /** Pulls that wait now. */
    synchronized int size() {
        return count;
    }

    private synchronized boolean add(Place place, Held pull) {
        if (count >= MOST_HELD) {
            return false;
        }
        waiting.computeIfAbsent(place, p -> new ArrayList<>()).add(pull);
        count++;
        return true;
    }

    private synchronized List<Held> take(Place place) {
        List<Held> woken = waiting.remove(place);
        if (woken == null) {
            return List.of();
        }
        count -= woken.size();
        return woken;
    }

    private void expire(Place place, Held pull) {
        if (remove(place, pull)) {
            pull.giveUp();
        }
    }

    private synchronized boolean remove(Place place, Held pull) {
        List<Held> pulls = waiting.get(place);
        if (pulls == null || !pulls.remove(pull)) {
            return false;
        }
        count--;
        if (pulls.isEmpty()) {
            waiting.remove(place);
        }
        return true;
    }
}
