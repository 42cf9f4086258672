package dev.tally.consume.dispatch;

import dev.tally.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one key that wait, in order; a message without a key, or without an order, has a chain of its own.
 * Guarded by {@link KeyedDispatcher}.
 */
final class KeyChain {

    /** What is handled in order: a key within its topic. */
    record Id(String topic, String key) {

        static @Nullable Id of(Message message) {
            String key = message.key();
            return key == null ? null : new Id(message.destination().topic(), key);
        }
    }

    /** Where a chain is. */
    enum Place {
        /** It has deliveries, and may be taken. */
        READY,
        /** Some of its deliveries are being handled. */
        RUNNING,
        /** Its first delivery failed, and waits for its time. */
        RESTING,
        /** It has no deliveries. */
        EMPTY
    }

    private final @Nullable Id id;
    private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
    private Place place = Place.EMPTY;
    private long restsUntil;

    KeyChain(@Nullable Id id) {
        this.id = id;
    }

    @Nullable Id id() {
        return id;
    }

    Place place() {
        return place;
    }

    void moveTo(Place newPlace) {
        place = newPlace;
    }

    long restsUntil() {
        return restsUntil;
    }

    void restUntil(long nanoTime) {
        restsUntil = nanoTime;
        place = Place.RESTING;
    }

    int size() {
        return waiting.size();
    }

    void add(Entry entry) {
        waiting.add(entry);
    }

    /** Takes its first deliveries, {@code most} of them at most. */
    List<Entry> take(int most) {
        List<Entry> taken = new ArrayList<>(Math.min(most, waiting.size()));
        while (taken.size() < most && !waiting.isEmpty()) {
            taken.add(waiting.remove());
        }
        return taken;
    }

    /** Puts deliveries that were taken before all others again. */
    void putBack(List<Entry> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            waiting.addFirst(taken.get(i));
        }
    }

    @Nullable Entry first() {
        return waiting.peek();
    }

    /** Removes what is of a queue; answers how many that were. */
    int removeAllOf(DispatchedQueue queue) {
        int removed = 0;
        for (Iterator<Entry> each = waiting.iterator(); each.hasNext(); ) {
            if (each.next().queue() == queue) {
                each.remove();
                removed++;
            }
        }
        return removed;
    }
}
