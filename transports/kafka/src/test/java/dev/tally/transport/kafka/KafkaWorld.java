package dev.tally.transport.kafka;

import dev.tally.message.Message;
import dev.tally.testkit.TransportSuite;
import dev.tally.transport.Transport;
import dev.tally.transport.kafka.server.KafkaServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;

/** What tests of Kafka's own ways need: an admin client, and a look into topics. */
abstract class KafkaWorld extends TransportSuite {

    private final Admin admin = Admin.create(Map.of("bootstrap.servers", address()));

    @AfterEach
    void closeAdmin() {
        admin.close();
    }

    final String address() {
        return KafkaSuite.server().address();
    }

    final Admin admin() {
        return admin;
    }

    static <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What a group has acknowledged of a partition; 0 for nothing. */
    final long acknowledged(String group, TopicPartition partition) {
        var committed = get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .get(partition);
        return committed == null ? 0 : committed.offset();
    }

    /** All that a topic has, as it is on the wire. */
    final List<ConsumerRecord<byte[], byte[]>> recordsOf(String topic) {
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", address()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Set<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .collect(Collectors.toSet());
            Map<TopicPartition, ListOffsetsResultInfo> ends = get(admin.listOffsets(
                            partitions.stream().collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest())))
                    .all());
            long wanted = ends.values().stream()
                    .mapToLong(ListOffsetsResultInfo::offset)
                    .sum();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            patiently().until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return records.size() >= wanted;
            });
            return records;
        }
    }

    final Transport openWith(KafkaSettings.Builder settings) {
        return keep(new KafkaTransport(settings.build()));
    }

    /** Closes it after the test. */
    private Transport keep(Transport transport) {
        kept.add(transport);
        return transport;
    }

    private final List<Transport> kept = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeKept() {
        kept.forEach(Transport::close);
    }

    @Override
    protected String broker() {
        return KafkaServer.product();
    }

    @Override
    protected Transport openTransport(String service) {
        return new KafkaTransport(KafkaSuite.settings().build());
    }

    @Override
    protected void createTopic(String topic, int queues) {
        KafkaSuite.server().createTopic(topic, queues);
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return topic + "-" + group + "-dlt";
    }

    @Override
    protected Message neverTaken(String topic) {
        return KafkaSuite.tooLarge(topic);
    }
}
