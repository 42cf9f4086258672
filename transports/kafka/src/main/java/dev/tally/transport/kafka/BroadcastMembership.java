package dev.tally.transport.kafka;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Takes all partitions, without a group: at first from their ends, those that are added from their beginnings, and after a
 * failure from where it was. Nothing is acknowledged at the broker. Confined to the subscription's thread.
 */
final class BroadcastMembership implements PollLoop.Membership {

    private static final Duration QUESTION_LIMIT = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final Partitions partitions;
    private final String topic;
    private final Map<TopicPartition, Long> reached;
    private Set<TopicPartition> assigned = Set.of();

    /** @param reached where to go on, and where it is noted how far this one got; empty at first */
    BroadcastMembership(
            Consumer<byte[], byte[]> consumer, Partitions partitions, String topic, Map<TopicPartition, Long> reached) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.topic = topic;
        this.reached = reached;
    }

    @Override
    public void join() {
        assigned = present();
        consumer.assign(assigned);
        boolean first = reached.isEmpty();
        Map<TopicPartition, Long> ends = first ? consumer.endOffsets(assigned, QUESTION_LIMIT) : Map.of();
        for (TopicPartition partition : assigned) {
            seek(partition, first ? ends.get(partition) : reached.get(partition));
        }
    }

    /** @param to {@code null} for the partition's beginning: it was not there before */
    private void seek(TopicPartition partition, @Nullable Long to) {
        if (to == null) {
            consumer.seekToBeginning(List.of(partition));
        } else {
            consumer.seek(partition, to);
            reached.put(partition, to);
        }
    }

    private Set<TopicPartition> present() {
        Set<TopicPartition> present = new HashSet<>();
        for (PartitionInfo info : consumer.partitionsFor(topic, QUESTION_LIMIT)) {
            present.add(new TopicPartition(info.topic(), info.partition()));
        }
        if (present.isEmpty()) {
            throw new TimeoutException("Topic " + topic + " has no partitions at the moment");
        }
        return present;
    }

    /** The client knows the partitions, and asks for them anew every {@code metadata.max.age.ms}. */
    @Override
    public void tend(long now) {
        note();
        Set<TopicPartition> present = present();
        if (present.equals(assigned)) {
            return;
        }
        Set<TopicPartition> added = new HashSet<>(present);
        added.removeAll(assigned);
        Set<TopicPartition> removed = new HashSet<>(assigned);
        removed.removeAll(present);
        partitions.lose(removed);
        reached.keySet().removeAll(removed);
        consumer.assign(present);
        assigned = present;
        added.forEach(partition -> seek(partition, null));
    }

    private void note() {
        partitions.untold().forEach((partition, position) -> {
            reached.put(partition, position);
            partitions.told(partition, position);
        });
    }

    @Override
    public void leave() {
        note();
        partitions.lose(partitions.all());
    }
}
