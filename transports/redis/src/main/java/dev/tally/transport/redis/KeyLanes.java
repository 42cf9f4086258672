package dev.tally.transport.redis;

import dev.tally.transport.SendOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps the messages of one key in order on their way to Redis. Thread-safe.
 *
 * <p>A connection's commands are executed in order, but one that fails (out of memory, a disk that cannot be written, a
 * node that is being replaced) does not keep the next one from succeeding. Therefore:
 *
 * <ol>
 *   <li>of each key only the head is under way;
 *   <li>when it is sent, the next one goes;
 *   <li>when it fails, all that wait behind it fail too, for the caller to send them again after it.
 * </ol>
 *
 * <p>Keys do not wait for each other. A lane exists only while it has messages.
 */
final class KeyLanes {

    /** One message on its way: how to start it, and where its outcome arrives. */
    record Departure(Runnable start, CompletableFuture<SendOutcome> outcome) {}

    /** What orders: a key within its topic. */
    record Lane(String topic, String key) {}

    private final Map<Lane, Deque<Departure>> lanes = new HashMap<>();

    void depart(Lane lane, Departure departure) {
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

    /** Keys that have messages under way, for tests. */
    int size() {
        synchronized (lanes) {
            return lanes.size();
        }
    }
}
