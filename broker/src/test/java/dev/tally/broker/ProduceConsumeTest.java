package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.store.TopicConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProduceConsumeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    private Broker broker;
    private OfficialClients clients;

    @BeforeEach
    void start() {
        broker = Broker.start(BrokerConfig.builder(data).build());
        clients = new OfficialClients(broker.address());
    }

    @AfterEach
    void stop() {
        clients.close();
        broker.close();
    }

    @Test
    void deliversWhatWasSentSyncAsyncOneWayAndInABatch() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        Set<String> expected = ConcurrentHashMap.newKeySet();

        SendResult sync = producer.send(OfficialClients.message("kinds", "t", "sync"));
        expected.add("sync");
        List<SendResult> async = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 20; i++) {
            expected.add("async-" + i);
            producer.send(OfficialClients.message("kinds", "t", "async-" + i), new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    async.add(result);
                }

                @Override
                public void onException(Throwable failure) {
                    throw new AssertionError(failure);
                }
            });
        }
        producer.sendOneway(OfficialClients.message("kinds", "t", "one-way"));
        expected.add("one-way");
        List<Message> batch = IntStream.range(0, 10)
                .mapToObj(i -> OfficialClients.message("kinds", "t", "batch-" + i))
                .toList();
        IntStream.range(0, 10).forEach(i -> expected.add("batch-" + i));
        SendResult batched = producer.send(batch);

        assertThat(sync.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(sync.getOffsetMsgId()).hasSize(32);
        assertThat(batched.getOffsetMsgId().split(",")).hasSize(10).doesNotHaveDuplicates();
        List<MessageExt> got = clients.consumed("readers", "kinds", "*");
        await().atMost(PATIENCE).until(() -> got.size() >= expected.size());
        assertThat(OfficialClients.texts(got)).containsExactlyInAnyOrderElementsOf(expected);
        await().atMost(PATIENCE).until(() -> async.size() == 20);
        MessageExt first = got.stream()
                .filter(message -> message.getMsgId().equals(sync.getMsgId()))
                .findFirst()
                .orElseThrow();
        assertThat(first.getTags()).isEqualTo("t");
        assertThat(first.getQueueId()).isEqualTo(sync.getMessageQueue().getQueueId());
        assertThat(first.getQueueOffset()).isEqualTo(sync.getQueueOffset());
        assertThat(producer.viewMessage("kinds", sync.getOffsetMsgId()).getBody())
                .isEqualTo("sync".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void deliversSoonToAConsumerThatStartedBeforeItsTopicExisted() throws Exception {
        List<MessageExt> got = clients.consumed("early", "later-topic", "*");
        DefaultMQProducer producer = clients.producer("senders");
        await().atMost(PATIENCE).until(() -> broker.store().topic("%RETRY%early") != null);

        long sentAt = System.nanoTime();
        producer.send(OfficialClients.message("later-topic", "t", "first"));
        await().atMost(PATIENCE).until(() -> got.size() == 1);

        // Without the broker's help it is the client's next route refresh: up to 30 seconds, then a rebalance.
        assertThat(Duration.ofNanos(System.nanoTime() - sentAt)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void sharesQueuesBetweenTwoConsumersAndGivesThemBackWhenOneLeaves() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        producer.send(OfficialClients.message("shared", "t", "creates the topic"));
        Map<String, Set<Integer>> queuesOf = new ConcurrentHashMap<>();
        DefaultMQPushConsumer first = counting("one", queuesOf);
        DefaultMQPushConsumer second = counting("two", queuesOf);
        int queues = producer.fetchPublishMessageQueues("shared").size();

        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            queuesOf.clear();
            sendToEachQueue(producer, "shared");
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> queuesOf.values().stream().mapToInt(Set::size).sum() == queues);
            assertThat(queuesOf.keySet()).containsExactlyInAnyOrder("one", "two");
            assertThat(queuesOf.get("one")).doesNotContainAnyElementsOf(queuesOf.get("two"));
        });

        second.shutdown();
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            queuesOf.clear();
            sendToEachQueue(producer, "shared");
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> queuesOf.getOrDefault("one", Set.of()).size() == queues);
        });
        assertThat(first.getDefaultMQPushConsumerImpl()).isNotNull();
    }

    private DefaultMQPushConsumer counting(String name, Map<String, Set<Integer>> queuesOf) throws Exception {
        DefaultMQPushConsumer consumer = clients.consumer("sharers", "shared", "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> queuesOf.computeIfAbsent(name, n -> ConcurrentHashMap.newKeySet())
                    .add(message.getQueueId()));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return consumer;
    }

    private static void sendToEachQueue(DefaultMQProducer producer, String topic) throws Exception {
        for (MessageQueue queue : producer.fetchPublishMessageQueues(topic)) {
            producer.send(OfficialClients.message(topic, "t", "x"), queue);
        }
    }

    @Test
    void deliversOnlyTheTagsThatWereSubscribed() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        for (int i = 0; i < 30; i++) {
            String tag = List.of("red", "green", "blue").get(i % 3);
            producer.send(OfficialClients.message("coloured", tag, tag + i));
        }
        List<MessageExt> got = clients.consumed("painters", "coloured", "red || blue");

        await().atMost(PATIENCE).until(() -> got.size() >= 20);
        producer.send(OfficialClients.message("coloured", "green", "unwanted"));
        producer.send(OfficialClients.message("coloured", "red", "the last"));
        await().atMost(PATIENCE).until(() -> got.size() >= 21);

        assertThat(got).extracting(MessageExt::getTags).containsOnly("red", "blue");
        assertThat(got).hasSize(21);
    }

    @Test
    void keepsTheOrderOfAQueueForAnOrderlyConsumer() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        producer.send(OfficialClients.message("ordered", "t", "q0-0"), (queues, message, arg) -> queues.get(0), null);
        for (int i = 1; i < 50; i++) {
            producer.send(
                    OfficialClients.message("ordered", "t", "q0-" + i), (queues, message, arg) -> queues.get(0), null);
        }
        List<String> got = new CopyOnWriteArrayList<>();
        Set<String> failedOnce = ConcurrentHashMap.newKeySet();
        DefaultMQPushConsumer consumer = clients.consumer("orderly", "ordered", "*");
        consumer.setSuspendCurrentQueueTimeMillis(50);
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            String text = OfficialClients.text(messages.get(0));
            if (text.endsWith("7") && failedOnce.add(text)) {
                return ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT;
            }
            got.add(text);
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();

        await().atMost(PATIENCE).until(() -> got.size() >= 50);
        assertThat(got)
                .containsExactlyElementsOf(
                        IntStream.range(0, 50).mapToObj(i -> "q0-" + i).toList());
        assertThat(failedOnce).hasSize(5);
    }

    @Test
    void letsALitePullConsumerAssignSeekAndCommit() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        for (int i = 0; i < 10; i++) {
            producer.send(
                    OfficialClients.message("pulled", "t", "m" + i), (queues, message, arg) -> queues.get(0), null);
        }
        DefaultLitePullConsumer consumer = clients.litePull("pullers");
        consumer.setAutoCommit(false);
        consumer.start();
        MessageQueue queue = consumer.fetchMessageQueues("pulled").stream()
                .filter(candidate -> candidate.getQueueId() == 0)
                .findFirst()
                .orElseThrow();
        consumer.assign(List.of(queue));
        consumer.seek(queue, 4);

        List<String> got = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            got.addAll(OfficialClients.texts(consumer.poll(500)));
            return got.size() >= 6;
        });
        consumer.commit();

        assertThat(got).containsExactly("m4", "m5", "m6", "m7", "m8", "m9");
        await().atMost(PATIENCE)
                .until(() ->
                        broker.store().committedOffset("pullers", "pulled", 0).orElse(-1) == 10);
    }

    @Test
    void deliversDelayedMessagesWhenTheyAreDue() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        producer.send(OfficialClients.message("timed", "t", "at once"));
        List<MessageExt> got = clients.consumed("patient", "timed", "*");
        await().atMost(PATIENCE).until(() -> got.size() == 1);

        Message byLevel = OfficialClients.message("timed", "t", "level");
        byLevel.setDelayTimeLevel(1);
        Message byDelay = OfficialClients.message("timed", "t", "delay");
        byDelay.setDelayTimeMs(1_500);
        Message byTime = OfficialClients.message("timed", "t", "time");
        byTime.setDeliverTimeMs(System.currentTimeMillis() + 2_000);
        long sentAt = System.currentTimeMillis();
        producer.send(byLevel);
        producer.send(byDelay);
        producer.send(byTime);

        Map<String, Long> arrivedAfter = new ConcurrentHashMap<>();
        await().atMost(PATIENCE).until(() -> {
            got.forEach(message ->
                    arrivedAfter.putIfAbsent(OfficialClients.text(message), System.currentTimeMillis() - sentAt));
            return got.size() == 4;
        });
        assertThat(arrivedAfter.get("level")).isGreaterThanOrEqualTo(1_000);
        assertThat(arrivedAfter.get("delay")).isGreaterThanOrEqualTo(1_500);
        assertThat(arrivedAfter.get("time")).isGreaterThanOrEqualTo(1_900);
    }

    @Test
    void goesOnFromCommittedOffsetsAfterARestart() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        for (int i = 0; i < 20; i++) {
            producer.send(OfficialClients.message("kept", "t", "before-" + i));
        }
        List<MessageExt> first = clients.consumed("goes-on", "kept", "*");
        await().atMost(PATIENCE).until(() -> first.size() >= 20);
        clients.close();
        broker.close();

        broker = Broker.start(BrokerConfig.builder(data).build());
        clients = new OfficialClients(broker.address());
        DefaultMQProducer again = clients.producer("senders");
        again.send(OfficialClients.message("kept", "t", "after"));
        List<MessageExt> second = clients.consumed("goes-on", "kept", "*");

        await().atMost(PATIENCE).until(() -> !second.isEmpty());
        assertThat(OfficialClients.texts(second)).containsExactly("after");
    }

    @Test
    void refusesToCreateTopicsBySendingWhenThatIsTurnedOff() throws Exception {
        Path other = data.resolve("strict");
        try (Broker strict = Broker.start(
                        BrokerConfig.builder(other).autoCreateTopics(false).build());
                OfficialClients strictClients = new OfficialClients(strict.address())) {
            DefaultMQProducer producer = strictClients.producer("senders");
            assertThat(catchThrowable(() -> producer.send(OfficialClients.message("unknown", "t", "x"))))
                    .hasMessageContaining("No route info");
            strict.store().saveTopic(new TopicConfig("known", 3, 3, 6, 0)).join();
            SendResult sent = producer.send(OfficialClients.message("known", "t", "x"));
            assertThat(sent.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        }
    }

    @Test
    void createsTopicsThatAClientAsksFor() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        producer.createTopic("TBW102", "asked-for", 3, Map.of());
        assertThat(broker.store().topic("asked-for").writeQueues()).isEqualTo(3);
        assertThat(producer.fetchPublishMessageQueues("asked-for")).hasSize(3);
    }
}
