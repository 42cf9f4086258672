package dev.tally.transport.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The partitions of which something is here. Confined to the subscription's thread. */
final class Partitions {

    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);

    private final Consumer<byte[], byte[]> consumer;
    private final Consumption consumption;
    private final Map<TopicPartition, PartitionQueue> queues = new HashMap<>();

    Partitions(Consumer<byte[], byte[]> consumer, Consumption consumption) {
        this.consumer = consumer;
        this.consumption = consumption;
    }

    /** Lets those be fetched that have room here, and no others; answers whether all have. */
    boolean steer() {
        List<TopicPartition> full = new ArrayList<>();
        List<TopicPartition> open = new ArrayList<>();
        Set<TopicPartition> paused = consumer.paused();
        boolean all = true;
        for (TopicPartition partition : consumer.assignment()) {
            PartitionQueue queue = queues.get(partition);
            boolean wanted = queue == null || queue.wantsMore();
            all &= wanted;
            if (wanted == paused.contains(partition)) {
                (wanted ? open : full).add(partition);
            }
        }
        consumer.pause(full);
        consumer.resume(open);
        return all;
    }

    void offer(ConsumerRecords<byte[], byte[]> fetched) {
        for (TopicPartition partition : fetched.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> records = fetched.records(partition);
            PartitionQueue queue = queues.get(partition);
            if (queue != null && !queue.isFollowedBy(records)) {
                LOG.warn(
                        "A partition goes on at an earlier position than before: its topic was made anew, or what was"
                                + " there is lost partition={} position={}",
                        partition,
                        records.get(0).offset());
                drop(partition);
                queue = null;
            }
            if (queue == null) {
                queue = new PartitionQueue(
                        consumption, partition.toString(), records.get(0).offset());
                queues.put(partition, queue);
            }
            queue.offer(records);
        }
    }

    /** What of a partition is here comes again, or not, as its position says. */
    void drop(TopicPartition partition) {
        PartitionQueue queue = queues.remove(partition);
        if (queue != null) {
            var unused = queue.giveAway();
            queue.forget();
        }
    }

    /** Up to where partitions are settled, as far as the broker does not know it. */
    Map<TopicPartition, Long> untold() {
        Map<TopicPartition, Long> untold = new HashMap<>();
        queues.forEach((partition, queue) -> {
            long position = queue.acknowledged(position(partition));
            if (position != queue.told()) {
                untold.put(partition, position);
            }
        });
        return untold;
    }

    private long position(TopicPartition partition) {
        try {
            return consumer.position(partition, Duration.ZERO);
        } catch (KafkaException | IllegalStateException e) {
            LOG.debug("No position at the moment partition={}", partition, e);
            return -1;
        }
    }

    void told(TopicPartition partition, long position) {
        PartitionQueue queue = queues.get(partition);
        if (queue != null) {
            queue.told(position);
        }
    }

    /**
     * Partitions go to other members: begins no further handler, and waits for those that run.
     *
     * @return up to where they are settled then, as far as the broker does not know it
     */
    Map<TopicPartition, Long> giveAway(Collection<TopicPartition> partitions, Duration limit) {
        Set<TopicPartition> given = new HashSet<>(partitions);
        given.retainAll(queues.keySet());
        CompletableFuture<?>[] ends = given.stream()
                .map(partition -> Objects.requireNonNull(queues.get(partition)).giveAway())
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.warn(
                    "Handlers still run after the limit, their messages come again elsewhere partitions={} limit={}",
                    given,
                    limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            LOG.error("Cannot wait for handlers partitions={}", given, e);
        }
        Map<TopicPartition, Long> untold = untold();
        untold.keySet().retainAll(given);
        given.forEach(
                partition -> Objects.requireNonNull(queues.remove(partition)).forget());
        return untold;
    }

    /** The same, at once, for partitions that other members may have already. */
    void lose(Collection<TopicPartition> partitions) {
        partitions.forEach(this::drop);
    }

    Set<TopicPartition> all() {
        return Set.copyOf(queues.keySet());
    }
}
