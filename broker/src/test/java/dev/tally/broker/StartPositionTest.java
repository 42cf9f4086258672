package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.store.TopicConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where consumers begin, broadcasting and pulling ones too, and the trace topic. */
class StartPositionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

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

    private void oneQueue(String topic) {
        broker.store().saveTopic(new TopicConfig(topic, 1, 1, 6, 0)).join();
    }

    private List<MessageExt> started(String group, String topic, MessageModel model, ConsumeFromWhere from, String time)
            throws Exception {
        List<MessageExt> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer(group, topic, "*");
        consumer.setMessageModel(model);
        consumer.setConsumeFromWhere(from);
        if (time != null) {
            consumer.setConsumeTimestamp(time);
        }
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        // Where it begins is settled when it has its queue.
        await().atMost(PATIENCE)
                .until(() ->
                        consumer
                                .getDefaultMQPushConsumerImpl()
                                .getRebalanceImpl()
                                .getProcessQueueTable()
                                .keySet()
                                .stream()
                                .anyMatch(queue -> queue.getTopic().equals(topic)));
        return got;
    }

    private static void passSeconds(int seconds) {
        long until = System.currentTimeMillis() + seconds * 1000L;
        await().atMost(PATIENCE).until(() -> System.currentTimeMillis() >= until);
    }

    @Test
    void startsANewBroadcastingConsumerFromFirstLastOrTimeAndGivesEachMemberEveryMessage() throws Exception {
        oneQueue("news");
        DefaultMQProducer producer = clients.producer("senders");
        producer.send(OfficialClients.message("news", "t", "old"));
        passSeconds(2);
        String between = DateTimeFormatter.ofPattern("yyyyMMddHHmmss").format(LocalDateTime.now());
        passSeconds(2);
        producer.send(OfficialClients.message("news", "t", "recent"));

        MessageModel all = MessageModel.BROADCASTING;
        List<MessageExt> first = started("b", "news", all, ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET, null);
        List<MessageExt> firstToo = started("b", "news", all, ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET, null);
        List<MessageExt> last = started("b", "news", all, ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET, null);
        List<MessageExt> timed = started("b", "news", all, ConsumeFromWhere.CONSUME_FROM_TIMESTAMP, between);
        producer.send(OfficialClients.message("news", "t", "new"));

        await().atMost(PATIENCE).untilAsserted(() -> {
            // Two threads handle what comes.
            assertThat(OfficialClients.texts(first)).containsExactlyInAnyOrder("old", "recent", "new");
            assertThat(OfficialClients.texts(firstToo)).containsExactlyInAnyOrder("old", "recent", "new");
            assertThat(OfficialClients.texts(timed)).containsExactlyInAnyOrder("recent", "new");
            assertThat(OfficialClients.texts(last)).containsExactly("new");
        });
        assertThat(broker.store().committedOffset("b", "news", 0))
                .as("kept by the members")
                .isEmpty();
    }

    /** RocketMQ does the same: a queue that still has its beginning is consumed from there. */
    @Test
    void startsANewClusteringGroupAtTheBeginningWhereTheQueueStillHasIt() throws Exception {
        oneQueue("tasks");
        clients.producer("senders").send(OfficialClients.message("tasks", "t", "old"));
        List<MessageExt> got =
                started("c", "tasks", MessageModel.CLUSTERING, ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET, null);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(OfficialClients.texts(got)).containsExactly("old"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(broker.store().committedOffset("c", "tasks", 0))
                .hasValue(1));
    }

    @Test
    void assignsSeeksByOffsetAndTimeAndCommitsWithALitePullConsumer() throws Exception {
        oneQueue("pulled");
        DefaultMQProducer producer = clients.producer("senders");
        List<SendResult> sent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            sent.add(producer.send(OfficialClients.message("pulled", "t", "m" + i)));
        }
        DefaultLitePullConsumer consumer = clients.litePull("pullers");
        consumer.setAutoCommit(false);
        consumer.start();
        MessageQueue queue = consumer.fetchMessageQueues("pulled").iterator().next();
        assertThat(consumer.offsetForTimestamp(queue, 0L)).isZero();
        assertThat(consumer.offsetForTimestamp(queue, Long.MAX_VALUE)).isEqualTo(10);
        consumer.assign(List.of(queue));
        consumer.seek(queue, 7);
        // A pull that was under way before the seek may still give what it got.
        assertThat(OfficialClients.texts(polledUpTo(consumer, "m9"))).endsWith("m7", "m8", "m9");
        consumer.commitSync();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.store().committedOffset("pullers", "pulled", queue.getQueueId()))
                        .hasValue(10));
        assertThat(consumer.committed(queue)).isEqualTo(10);
        consumer.seekToBegin(queue);
        assertThat(OfficialClients.texts(polled(consumer, 10))).startsWith("m0").hasSize(10);
        consumer.seekToEnd(queue);
        producer.send(OfficialClients.message("pulled", "t", "m10"));
        assertThat(OfficialClients.texts(polled(consumer, 1))).containsExactly("m10");
    }

    private static List<MessageExt> polledUpTo(DefaultLitePullConsumer consumer, String last) {
        List<MessageExt> got = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            got.addAll(consumer.poll(500));
            return OfficialClients.texts(got).contains(last);
        });
        return got;
    }

    private static List<MessageExt> polled(DefaultLitePullConsumer consumer, int expected) {
        List<MessageExt> got = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            got.addAll(consumer.poll(500));
            return got.size() >= expected;
        });
        return got;
    }

    @Test
    void takesTracesOfSendingAndConsumingAndFindsThemByMessageId() throws Exception {
        try (OfficialClients traced = new OfficialClients(broker.address(), client -> client.setEnableTrace(true))) {
            DefaultMQProducer producer = traced.producer("traced-senders");
            List<MessageExt> got = traced.consumed("traced-readers", "orders", "*");
            List<MessageExt> traces = clients.consumed("watchers", "RMQ_SYS_TRACE_TOPIC", "*");
            SendResult sent = producer.send(OfficialClients.message("orders", "t", "traced"));
            await().atMost(PATIENCE).until(() -> !got.isEmpty());
            await().atMost(PATIENCE)
                    .until(() -> kinds(traces, sent).containsAll(List.of("Pub", "SubBefore", "SubAfter")));
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                            clients.producer("askers-" + OfficialClients.nextInstance())
                                    .queryMessage("RMQ_SYS_TRACE_TOPIC", sent.getMsgId(), 64, 0, Long.MAX_VALUE)
                                    .getMessageList())
                    .isNotEmpty());
        }
        assertThat(broker.store().topic("RMQ_SYS_TRACE_TOPIC").writeQueues()).isEqualTo(1);
    }

    private static List<String> kinds(List<MessageExt> traces, SendResult sent) {
        List<String> kinds = new ArrayList<>();
        for (MessageExt trace : traces) {
            String text = new String(trace.getBody(), StandardCharsets.UTF_8);
            for (String one : text.split("\u0002")) {
                if (one.contains(sent.getMsgId())) {
                    kinds.add(one.split("\u0001")[0]);
                }
            }
        }
        return kinds;
    }
}
