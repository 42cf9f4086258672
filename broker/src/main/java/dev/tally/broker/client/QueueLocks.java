package dev.tally.broker.client;

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
 * 20 seconds, and when its holder gives it back. Thread-safe.
 *
 * <p>A connection that is gone does not end its locks at once: whether the client died or only its connection, nobody
 * knows, and a client that lives goes on with the queue for as long as it believes in the lock. That is 30 seconds from
 * the answer to its last renewal. So the lock stays for that long, and for the time that an answer may take; then
 * another client can have it, and no two ever consume the queue together. The same client gets it back at any time.
 */
public final class QueueLocks {

    private static final Duration LIFETIME = Duration.ofSeconds(60);

    /** The clients' belief in a lock, and the longest that they wait for the answer that gives it. */
    private static final Duration HOLDERS_BELIEF = Duration.ofSeconds(30 + 5);

    private final InstantSource clock;
    private final Map<String, Map<Place, Lock>> byGroup = new HashMap<>();

    public QueueLocks(InstantSource clock) {
        this.clock = clock;
    }

    private record Place(String topic, int queueId) {}

    private record Lock(String clientId, Connection connection, long lockedAtMillis, long untilMillis) {

        Lock withoutConnection() {
            long believedUntil = lockedAtMillis + HOLDERS_BELIEF.toMillis();
            return new Lock(clientId, connection, lockedAtMillis, Math.min(untilMillis, believedUntil));
        }
    }

    /** Locks or renews what is free; answers the queues that the client holds now. */
    public synchronized List<Queue> lock(Connection connection, QueueLockRequest request) {
        long now = clock.millis();
        Map<Place, Lock> locks = byGroup.computeIfAbsent(request.group(), g -> new HashMap<>());
        List<Queue> held = new ArrayList<>();
        for (Queue queue : request.queues()) {
            Place place = new Place(queue.topic(), queue.queueId());
            Lock present = locks.get(place);
            if (present == null || present.untilMillis <= now || present.clientId.equals(request.clientId())) {
                locks.put(place, new Lock(request.clientId(), connection, now, now + LIFETIME.toMillis()));
                held.add(queue);
            }
        }
        return held;
    }

    /** Releases what the client holds of those queues. */
    public synchronized void unlock(QueueLockRequest request) {
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
    public synchronized boolean anyHeldBy(String group) {
        long now = clock.millis();
        return byGroup.getOrDefault(group, Map.of()).values().stream().anyMatch(lock -> lock.untilMillis > now);
    }

    /**
     * Whether somebody else than this connection's client holds a queue. A client that lost a queue must not move the
     * group's offset in it any more.
     */
    public synchronized boolean heldByAnother(Connection connection, String group, String topic, int queueId) {
        Lock lock = byGroup.getOrDefault(group, Map.of()).get(new Place(topic, queueId));
        return lock != null
                && lock.untilMillis > clock.millis()
                && lock.connection != connection
                && lock.connection.open();
    }

    /** A connection is gone: what it locked ends as soon as its client cannot believe in it any more. */
    public synchronized void gone(Connection connection) {
        long now = clock.millis();
        byGroup.values()
                .forEach(locks -> locks.replaceAll(
                        (place, lock) -> lock.connection == connection ? lock.withoutConnection() : lock));
        byGroup.values().forEach(locks -> locks.values().removeIf(lock -> lock.untilMillis <= now));
        byGroup.values().removeIf(Map::isEmpty);
    }
}
