package dev.tally.broker.queue;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The queues of all topics.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class QueueTable {

    private record Key(String topic, int queueId) {}

    private final ConcurrentMap<Key, QueueIndex> queues = new ConcurrentHashMap<>();

    /** A table without queues. */
    public QueueTable() {}

    /** The queue, {@code null} where no message was ever stored for it. */
    public @Nullable QueueIndex find(String topic, int queueId) {
        return queues.get(new Key(topic, queueId));
    }

    /** Forgets the queues of a topic. */
    public void drop(String topic) {
        queues.keySet().removeIf(key -> key.topic().equals(topic));
    }

    /** The queue, created empty where there is none. */
    public QueueIndex obtain(String topic, int queueId) {
        Key key = new Key(topic, queueId);
        QueueIndex known = queues.get(key);
        return known != null ? known : queues.computeIfAbsent(key, absent -> new QueueIndex(topic, queueId));
    }
}
