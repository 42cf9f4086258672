package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Consumers that consume each queue in order. */
class OrderlyTest {

    @OnEachTarget
    void consumesEachQueueInOrderAndByOneAtATime(Trial trial) throws Exception {
        String topic = trial.topic(3);
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        Map<Integer, List<String>> got = new ConcurrentHashMap<>();
        Map<Integer, AtomicInteger> inside = new ConcurrentHashMap<>();
        List<String> overlaps = new CopyOnWriteArrayList<>();
        for (int member = 0; member < 2; member++) {
            DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "*");
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                int queue = context.getMessageQueue().getQueueId();
                AtomicInteger now = inside.computeIfAbsent(queue, q -> new AtomicInteger());
                if (now.incrementAndGet() > 1) {
                    overlaps.add("queue " + queue);
                }
                messages.forEach(message -> got.computeIfAbsent(queue, q -> new CopyOnWriteArrayList<>())
                        .add(text(message)));
                now.decrementAndGet();
                return ConsumeOrderlyStatus.SUCCESS;
            });
            consumer.start();
        }
        Map<Integer, List<String>> sent = new ConcurrentHashMap<>();
        for (int i = 0; i < 30; i++) {
            MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(i % 3);
            producer.send(message(topic, "t", "m" + i), queue);
            sent.computeIfAbsent(queue.getQueueId(), q -> new ArrayList<>()).add("m" + i);
        }

        Trial.eventually(() -> got.values().stream()
                        .mapToLong(bodies -> bodies.stream().distinct().count())
                        .sum()
                == 30);
        assertThat(overlaps).isEmpty();
        sent.forEach((queue, bodies) -> assertThat(got.get(queue).stream().distinct())
                .as("queue " + queue)
                .containsExactlyElementsOf(bodies));
    }

    @OnEachTarget
    void repeatsWhatFailsBeforeItGoesOn(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        for (String body : List.of("first", "stubborn", "last")) {
            producer.send(message(topic, "t", body));
        }
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        consumer.setSuspendCurrentQueueTimeMillis(100);
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            MessageExt message = messages.get(0);
            got.add(text(message) + " " + message.getReconsumeTimes());
            return text(message).equals("stubborn") && message.getReconsumeTimes() < 2
                    ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT
                    : ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();

        Trial.eventually(() -> got.contains("last 0"));
        assertThat(got).containsExactly("first 0", "stubborn 0", "stubborn 1", "stubborn 2", "last 0");
    }

    @OnEachTarget
    void givesUpAfterTheLastTryAndGoesOn(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        producer.send(message(topic, "t", "poison"));
        producer.send(message(topic, "t", "next"));
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "*");
        consumer.setMaxReconsumeTimes(2);
        consumer.setSuspendCurrentQueueTimeMillis(100);
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            got.add(text(messages.get(0)));
            return text(messages.get(0)).equals("poison")
                    ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT
                    : ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();

        Trial.eventually(() -> got.contains("next"));
        assertThat(got).containsExactly("poison", "poison", "poison", "next");
        String deadLetters = "%DLQ%" + group;
        var unused = trial.awaitRoute(deadLetters);
        List<MessageExt> dead = trial.clients().consumed(trial.name(), deadLetters, "*");
        Trial.eventually(() -> dead.size() == 1);
        assertThat(text(dead.get(0))).isEqualTo("poison");
    }
}
