package dev.tally.broker.server;

import dev.tally.broker.net.Connection;
import dev.tally.broker.protocol.QueueLockRequest;
import dev.tally.broker.protocol.QueueLockRequest.Queue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which client of a group may consume a queue in order. A lock ends by itself unless it is renewed, clients do that every
 * 20 seconds; it ends with its connection as well. Thread-safe.
 */
final class QueueLocks {

    private static final Duration LIFETIME = Duration.ofSeconds(60);

    private final InstantSource clock;
    private final Map<String, Map<Place, Lock>> byGroup = new HashMap<>();

    QueueLocks(InstantSource clock) {
        this.clock = clock;
    }

    private record Place(String topic, int queueId) {}

    private record Lock(String clientId, Connection connection, long untilMillis) {}

    /** Locks or renews what is free; answers the queues that the client holds now. */
    synchronized List<Queue> lock(Connection connection, QueueLockRequest request) {
        long now = clock.millis();
        Map<Place, Lock> locks = byGroup.computeIfAbsent(request.group(), g -> new HashMap<>());
        List<Queue> held = new ArrayList<>();
        for (Queue queue : request.queues()) {
            Place place = new Place(queue.topic(), queue.queueId());
            Lock present = locks.get(place);
            if (present == null || present.untilMillis <= now || present.clientId.equals(request.clientId())) {
                locks.put(place, new Lock(request.clientId(), connection, now + LIFETIME.toMillis()));
                held.add(queue);
            }
        }
        return held;
    }

    /** Releases what the client holds of those queues. */
    synchronized void unlock(QueueLockRequest request) {
        Map<Place, Lock> locks = byGroup.getOrDefault(request.group(), Map.of());
        for (Queue queue : request.queues()) {
            Place place = new Place(queue.topic(), queue.queueId());
            Lock present = locks.get(place);
            if (present != null && present.clientId.equals(request.clientId())) {
                locks.remove(place);
            }
        }
    }

    /** Whether the group holds any lock, which shows that it consumes in order. */
    synchronized boolean anyHeldBy(String group) {
        long now = clock.millis();
        return byGroup.getOrDefault(group, Map.of()).values().stream().anyMatch(lock -> lock.untilMillis > now);
    }

    /** Releases everything that came over a connection. */
    synchronized void release(Connection connection) {
        byGroup.values().forEach(locks -> locks.values().removeIf(lock -> lock.connection == connection));
        byGroup.values().removeIf(Map::isEmpty);
    }
}
