package dev.tally.transport.rocketmq;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.store.OffsetStore;
import org.apache.rocketmq.client.consumer.store.ReadOffsetType;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * How far a member of a broadcast group is in each queue. The client's own way is a file in the user's home for each process
 * that ever ran; here a process begins anew, at the end of each queue. Thread-safe.
 */
final class PositionsInMemory implements OffsetStore {

    private static final long UNKNOWN = -1;

    private final Map<MessageQueue, Long> positions = new ConcurrentHashMap<>();

    @Override
    public void load() {}

    @Override
    public void updateOffset(MessageQueue queue, long offset, boolean increaseOnly) {
        positions.merge(queue, offset, (old, fresh) -> increaseOnly ? Math.max(old, fresh) : fresh);
    }

    @Override
    public void updateAndFreezeOffset(MessageQueue queue, long offset) {
        updateOffset(queue, offset, false);
    }

    @Override
    public long readOffset(MessageQueue queue, ReadOffsetType type) {
        return positions.getOrDefault(queue, UNKNOWN);
    }

    @Override
    public void persistAll(Set<MessageQueue> queues) {}

    @Override
    public void persist(MessageQueue queue) {}

    /** The client does so before it takes a queue, and would then begin at the end once more. */
    @Override
    public void removeOffset(MessageQueue queue) {}

    @Override
    public Map<MessageQueue, Long> cloneOffsetTable(String topic) {
        Map<MessageQueue, Long> ofTopic = new HashMap<>();
        positions.forEach((queue, position) -> {
            if (topic == null || topic.isBlank() || topic.equals(queue.getTopic())) {
                ofTopic.put(queue, position);
            }
        });
        return ofTopic;
    }

    @Override
    public void updateConsumeOffsetToBroker(MessageQueue queue, long offset, boolean oneWay) {}
}
