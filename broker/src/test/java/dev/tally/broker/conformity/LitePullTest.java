package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.OfficialClients;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Consumers that fetch themselves. */
class LitePullTest {

    private static final long POLL_MILLIS = 500;

    private static List<String> send(Trial trial, String topic, int count) throws Exception {
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            producer.send(message(topic, i % 2 == 0 ? "even" : "odd", "m" + i));
            bodies.add("m" + i);
        }
        return bodies;
    }

    private static List<MessageExt> poll(DefaultLitePullConsumer consumer, int count) {
        List<MessageExt> got = new ArrayList<>();
        Trial.eventually(() -> {
            got.addAll(consumer.poll(POLL_MILLIS));
            return got.size() >= count;
        });
        return got;
    }

    @OnEachTarget
    void subscribesAndGoesOnWhereItCommitted(Trial trial) throws Exception {
        String topic = trial.topic(2);
        String group = trial.name();
        List<String> sent = send(trial, topic, 10);
        Set<String> seen = new TreeSet<>();
        try (OfficialClients stopping = trial.clients(c -> {})) {
            DefaultLitePullConsumer consumer = stopping.litePull(group);
            consumer.setAutoCommit(false);
            consumer.setPullBatchSize(10);
            consumer.subscribe(topic, "*");
            consumer.start();
            seen.addAll(texts(poll(consumer, 10)));
            assertThat(seen).containsExactlyInAnyOrderElementsOf(sent);
            consumer.commitSync();
        }
        List<String> more = send(trial, topic, 3);

        DefaultLitePullConsumer next = trial.clients().litePull(group);
        next.subscribe(topic, "*");
        next.start();

        assertThat(texts(poll(next, 3))).containsExactlyInAnyOrderElementsOf(more);
    }

    @OnEachTarget
    void filtersByTag(Trial trial) throws Exception {
        String topic = trial.topic();
        var unused = send(trial, topic, 6);
        DefaultLitePullConsumer consumer = trial.clients().litePull(trial.name());
        consumer.subscribe(topic, "odd");
        consumer.start();
        assertThat(texts(poll(consumer, 3))).containsExactly("m1", "m3", "m5");
    }

    @OnEachTarget
    void readsAssignedQueuesFromWhereItIsToldTo(Trial trial) throws Exception {
        String topic = trial.topic();
        var unused = send(trial, topic, 10);
        DefaultLitePullConsumer consumer = trial.clients().litePull(trial.name());
        consumer.setAutoCommit(false);
        consumer.start();
        Collection<MessageQueue> queues = consumer.fetchMessageQueues(topic);
        assertThat(queues).hasSize(1);
        MessageQueue queue = queues.iterator().next();
        consumer.assign(queues);

        consumer.seek(queue, 7);
        // A pull that was under way before the seek may still give what it got.
        List<String> sought = new ArrayList<>();
        Trial.eventually(() -> {
            sought.addAll(texts(consumer.poll(500)));
            return sought.contains("m9");
        });
        assertThat(sought).endsWith("m7", "m8", "m9");
        consumer.seekToBegin(queue);
        assertThat(texts(poll(consumer, 10))).startsWith("m0", "m1").endsWith("m9");
        consumer.seekToEnd(queue);
        List<String> more = send(trial, topic, 1);
        assertThat(texts(poll(consumer, 1))).containsExactlyElementsOf(more);
    }

    @OnEachTarget
    void committedOffsetsAreThoseThatWereCommitted(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        var unused = send(trial, topic, 5);
        DefaultLitePullConsumer consumer = trial.clients().litePull(group);
        consumer.setAutoCommit(false);
        consumer.start();
        MessageQueue queue = consumer.fetchMessageQueues(topic).iterator().next();
        consumer.assign(List.of(queue));
        assertThat(consumer.committed(queue))
                .as("of a group that never committed, at a queue that still has its beginning")
                .isZero();
        var got = poll(consumer, 5);
        assertThat(got).hasSize(5);
        consumer.commitSync(java.util.Map.of(queue, 3L), true);

        Trial.eventually(() -> consumer.committed(queue) == 3);
    }

    @OnEachTarget
    void findsTheOffsetOfATime(Trial trial) throws Exception {
        String topic = trial.topic();
        var unused = send(trial, topic, 3);
        DefaultLitePullConsumer consumer = trial.clients().litePull(trial.name());
        consumer.start();
        MessageQueue queue = consumer.fetchMessageQueues(topic).iterator().next();
        assertThat(consumer.offsetForTimestamp(queue, 1L)).isZero();
        assertThat(consumer.offsetForTimestamp(queue, System.currentTimeMillis() + 3_600_000))
                .isEqualTo(3);
    }
}
