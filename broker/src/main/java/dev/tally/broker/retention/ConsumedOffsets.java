package dev.tally.broker.retention;

import dev.tally.broker.queue.OffsetTable;
import dev.tally.broker.store.CommittedOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Up to where each queue was consumed by every group that consumes its topic: the groups that have committed progress in
 * any of the topic's queues. A topic that no group consumes is not consumed at all.
 *
 * @since 0.1
 */
public final class ConsumedOffsets {

    private record Queue(String topic, int queueId) {}

    private record Slowest(long offset, int groups) {}

    private final Map<Queue, Slowest> slowest = new HashMap<>();
    private final Map<String, Set<String>> groupsOf = new HashMap<>();

    private ConsumedOffsets() {}

    /** The progress that a table holds now. */
    public static ConsumedOffsets of(OffsetTable table) {
        return of(table.all());
    }

    static ConsumedOffsets of(List<CommittedOffset> offsets) {
        ConsumedOffsets consumed = new ConsumedOffsets();
        for (CommittedOffset offset : offsets) {
            consumed.groupsOf
                    .computeIfAbsent(offset.topic(), absent -> new HashSet<>())
                    .add(offset.group());
            consumed.slowest.merge(
                    new Queue(offset.topic(), offset.queueId()),
                    new Slowest(offset.offset(), 1),
                    (a, b) -> new Slowest(Math.min(a.offset, b.offset), a.groups + b.groups));
        }
        return consumed;
    }

    /** The offset from which on some group has not consumed a queue; {@code first} where a group has not begun there. */
    public long of(String topic, int queueId, long first) {
        Slowest group = slowest.get(new Queue(topic, queueId));
        int groups = groupsOf.getOrDefault(topic, Set.of()).size();
        return group == null || group.groups < groups ? first : group.offset;
    }
}
