package dev.tally.transport.client;

import dev.tally.transport.SendOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps the messages of one key in order on their way to the broker. Thread-safe.
 *
 * <p>For clients that do not do so themselves: because two sends that are under way together may be stored in either order
 * (several threads, here or at the broker), or because one of them may fail while the next one is stored. Therefore:
 *
 * <ol>
 *   <li>of each key only the head is under way;
 *   <li>when it is sent, the next one goes;
 *   <li>when it fails, all that wait behind it fail too, for the caller to send them again after it.
 * </ol>
 *
 * <p>Keys do not wait for each other. A lane exists only while it has messages.
 *
 * @since 0.1
 */
public final class KeyLanes {

    /**
     * One message on its way.
     *
     * @param start sends it; not called where the outcome is there before its turn comes, for instance a time-out
     * @param outcome where its outcome arrives; completed exactly once, and never exceptionally
     */
    public record Departure(Runnable start, CompletableFuture<SendOutcome> outcome) {}

    /**
     * What orders: a key within its topic.
     *
     * @param topic the topic
     * @param key the key
     */
    public record Lane(String topic, String key) {}

    private final Map<Lane, Deque<Departure>> lanes = new HashMap<>();

    /** No message is under way. */
    public KeyLanes() {}

    /** Sends a message as soon as those of its lane before it are sent: now, or on the thread that completes the last of them. */
    public void depart(Lane lane, Departure departure) {
        boolean first;
        synchronized (lanes) {
            Deque<Departure> waiting = lanes.computeIfAbsent(lane, l -> new ArrayDeque<>());
            waiting.add(departure);
            first = waiting.size() == 1;
        }
        if (first) {
            start(lane, departure);
        }
    }

    private void start(Lane lane, Departure departure) {
        if (!departure.outcome().isDone()) {
            departure.start().run();
        }
        var unused = departure.outcome().thenAccept(outcome -> arrived(lane, outcome));
    }

    private void arrived(Lane lane, SendOutcome outcome) {
        boolean sent = outcome instanceof SendOutcome.Sent;
        List<Departure> behind = new ArrayList<>();
        synchronized (lanes) {
            Deque<Departure> waiting = lanes.get(lane);
            if (waiting == null) {
                return;
            }
            waiting.poll();
            if (sent && !waiting.isEmpty()) {
                behind.add(waiting.peek());
            } else {
                behind.addAll(waiting);
                lanes.remove(lane);
            }
        }
        if (sent) {
            behind.forEach(next -> start(lane, next));
        } else {
            behind.forEach(next -> next.outcome()
                    .complete(new SendOutcome.Failed(
                            true,
                            "Not sent: an earlier message with key '" + lane.key() + "' to topic '" + lane.topic()
                                    + "' failed; to be sent again after it",
                            null)));
        }
    }

    /** How many keys have messages under way. */
    public int size() {
        synchronized (lanes) {
            return lanes.size();
        }
    }
}
