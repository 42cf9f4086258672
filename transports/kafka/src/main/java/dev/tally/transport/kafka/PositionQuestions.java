package dev.tally.transport.kafka;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Questions to the brokers about positions. Each waits for its answer, within the limit. Thread-safe. */
final class PositionQuestions implements AutoCloseable {

    private final Admin admin;
    private final Topics topics;
    private final IsolationLevel isolation;
    private final Supplier<Consumer<byte[], byte[]>> readers;
    private final LongSupplier nanoTime;
    private final Duration limit;
    private @Nullable Consumer<byte[], byte[]> reader;

    /**
     * @param isolation which records count, as for consumers
     * @param readers makes a consumer without a group, which is kept
     */
    PositionQuestions(
            Admin admin,
            Topics topics,
            IsolationLevel isolation,
            Supplier<Consumer<byte[], byte[]>> readers,
            LongSupplier nanoTime,
            Duration limit) {
        this.admin = admin;
        this.topics = topics;
        this.isolation = isolation;
        this.readers = readers;
        this.nanoTime = nanoTime;
        this.limit = limit;
    }

    List<TopicPartition> partitionsOf(String topic) {
        return answer(topics.describe(topic)).partitions().stream()
                .map(each -> new TopicPartition(topic, each.partition()))
                .toList();
    }

    /** Positions of partitions, -1 where there is none. */
    Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        answer(admin.listOffsets(asked, new ListOffsetsOptions(isolation).timeoutMs(millis()))
                        .all()
                        .toCompletionStage()
                        .toCompletableFuture())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    /** @throws TransportException if there is none, or it is an error */
    <T> T answer(CompletableFuture<T> answer) {
        try {
            return answer.get(limit.toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new TransportException("the brokers answered " + SendFailures.reason(cause), cause);
        } catch (TimeoutException e) {
            throw new TransportException("the brokers did not answer within " + limit.multipliedBy(2), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException("interrupted", e);
        }
    }

    /** When the messages at positions were stored, or written where brokers do not note that; without what is not found. */
    synchronized Map<TopicPartition, Instant> timesAt(Map<TopicPartition, Long> positions) {
        Map<TopicPartition, Instant> times = new HashMap<>();
        if (positions.isEmpty()) {
            return times;
        }
        try {
            Consumer<byte[], byte[]> consumer = reader();
            consumer.assign(positions.keySet());
            positions.forEach(consumer::seek);
            Set<TopicPartition> open = new HashSet<>(positions.keySet());
            long end = nanoTime.getAsLong() + limit.toNanos();
            while (!open.isEmpty() && end - nanoTime.getAsLong() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                    if (open.remove(partition) && record.timestamp() >= 0) {
                        times.put(partition, Instant.ofEpochMilli(record.timestamp()));
                    }
                    consumer.pause(List.of(partition));
                }
            }
            consumer.assign(Set.of());
            return times;
        } catch (KafkaException e) {
            closeReader();
            throw new TransportException("the oldest messages cannot be read: " + SendFailures.reason(e), e);
        }
    }

    private Consumer<byte[], byte[]> reader() {
        Consumer<byte[], byte[]> known = reader;
        if (known == null) {
            known = readers.get();
            reader = known;
        }
        return known;
    }

    private void closeReader() {
        Consumer<byte[], byte[]> known = reader;
        reader = null;
        if (known != null) {
            known.close(CloseOptions.timeout(PollLoop.LEAVE_LIMIT));
        }
    }

    private int millis() {
        return (int) limit.toMillis();
    }

    @Override
    public synchronized void close() {
        closeReader();
    }
}
