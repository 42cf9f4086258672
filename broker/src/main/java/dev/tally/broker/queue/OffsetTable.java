package dev.tally.broker.queue;

import dev.tally.broker.store.CommittedOffset;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The progress of all consumer groups.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 *
 * @since 0.1
 */
public final class OffsetTable {

    private record Queue(String topic, int queueId) {}

    private final ConcurrentMap<String, ConcurrentMap<Queue, Long>> groups = new ConcurrentHashMap<>();

    /** A table without progress. */
    public OffsetTable() {}

    /** Sets a group's progress in a queue, forwards or back. */
    public void set(CommittedOffset committed) {
        groups.computeIfAbsent(committed.group(), absent -> new ConcurrentHashMap<>())
                .put(new Queue(committed.topic(), committed.queueId()), committed.offset());
    }

    /** A group's progress in a queue, empty where it never committed one. */
    public OptionalLong get(String group, String topic, int queueId) {
        Long offset = groups.getOrDefault(group, new ConcurrentHashMap<>()).get(new Queue(topic, queueId));
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    /** All progress of all groups, in no particular order. */
    public List<CommittedOffset> all() {
        return groups.keySet().stream().flatMap(group -> of(group).stream()).toList();
    }

    /** Forgets all groups' progress in a topic. */
    public void dropTopic(String topic) {
        groups.values().forEach(offsets -> offsets.keySet()
                .removeIf(queue -> queue.topic().equals(topic)));
    }

    /** Forgets all of a group's progress. */
    public void dropGroup(String group) {
        groups.remove(group);
    }

    /** All of a group's progress. */
    public List<CommittedOffset> of(String group) {
        Map<Queue, Long> offsets = groups.getOrDefault(group, new ConcurrentHashMap<>());
        return offsets.entrySet().stream()
                .map(entry -> new CommittedOffset(
                        group, entry.getKey().topic(), entry.getKey().queueId(), entry.getValue()))
                .toList();
    }
}
