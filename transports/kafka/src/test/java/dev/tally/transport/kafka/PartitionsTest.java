package dev.tally.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.dispatch.DispatchEdges;
import dev.tally.consume.dispatch.DispatchSettings;
import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.retry.Backoff;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.client.TransportThreads;
import dev.tally.transport.wire.TagExpression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionsTest {

    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = TransportThreads.timer("test-timer");
    private final AtomicBoolean failing = new AtomicBoolean();
    private final ReceivedMessages received = new ReceivedMessages();
    private final Partitions partitions = new Partitions(consumer, consumption());

    private Consumption consumption() {
        Subscription subscription = new Subscription("orders", "stock", "*", 1, true, 3);
        DispatchSettings settings = DispatchSettings.of(
                        subscription,
                        new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1, 0),
                        3,
                        Duration.ofSeconds(1))
                .retryingHere();
        KeyedDispatcher dispatcher = new KeyedDispatcher(
                settings,
                received.handler(message ->
                        failing.get() ? new DeliveryOutcome.Later("failing") : new DeliveryOutcome.Delivered()),
                workers,
                timer,
                DispatchEdges.real());
        RecordSender nowhere = new RecordSender(
                new LiveProducer(org.apache.kafka.clients.producer.MockProducer::new, workers, System::nanoTime),
                null,
                timer,
                System::nanoTime,
                Duration.ofSeconds(1));
        return new Consumption(
                subscription,
                TagExpression.of("*"),
                dispatcher,
                new MessageTranslation(1_000_000, null),
                new DeadLetters(
                        nowhere,
                        null,
                        timer,
                        new java.util.Random(),
                        KafkaSettings.builder(Map.of("bootstrap.servers", "127.0.0.1:1"))
                                .build()),
                3);
    }

    @BeforeEach
    void assign() {
        consumer.assign(List.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.seek(PARTITION, 0);
    }

    @AfterEach
    void close() {
        workers.shutdownNow();
        timer.shutdownNow();
    }

    @Test
    void goesOnWhereAPartitionBeginsAnew() {
        offer(5, 6, 7);
        await().until(() -> partitions.untold().equals(Map.of(PARTITION, 8L)));

        offer(0, 1);

        await().until(() -> received.ids().size() == 5);
        await().until(() -> partitions.untold().equals(Map.of(PARTITION, 2L)));
    }

    @Test
    void fetchesNoMoreOfAPartitionThatHasNoRoom() {
        failing.set(true);
        offer(0, 1, 2);

        assertThat(partitions.steer()).isFalse();
        assertThat(consumer.paused()).containsExactly(PARTITION);

        failing.set(false);
        await().until(() -> partitions.untold().equals(Map.of(PARTITION, 3L)));
        assertThat(partitions.steer()).isTrue();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void acknowledgesOnceAndNothingOfWhatWasLost() {
        offer(0, 1);
        await().until(() -> partitions.untold().equals(Map.of(PARTITION, 2L)));
        partitions.told(PARTITION, 2);
        assertThat(partitions.untold()).isEmpty();

        offer(2);
        partitions.lose(Set.of(PARTITION));

        assertThat(partitions.untold()).isEmpty();
        assertThat(partitions.giveAway(Set.of(PARTITION), Duration.ofSeconds(1)))
                .isEmpty();
    }

    private void offer(long... offsets) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (long offset : offsets) {
            records.add(new ConsumerRecord<>("orders", 0, offset, new byte[] {'k'}, new byte[0]));
        }
        consumer.seek(PARTITION, offsets[offsets.length - 1] + 1);
        partitions.offer(new ConsumerRecords<>(Map.of(PARTITION, records), Map.of()));
    }
}
