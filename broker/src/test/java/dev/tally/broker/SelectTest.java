package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filters by tag and by SQL92 as the official client uses them. */
class SelectTest {

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

    /** Messages 0 to 19: the tag says whether the number is even, the property {@code n} is the number. */
    private void send(String topic) throws Exception {
        DefaultMQProducer producer = clients.producer("senders-" + topic);
        for (int n = 0; n < 20; n++) {
            Message message = OfficialClients.message(topic, n % 2 == 0 ? "even" : "odd", "m" + n);
            message.putUserProperty("n", Integer.toString(n));
            if (n % 3 == 0) {
                message.putUserProperty("third", "yes");
            }
            producer.send(message);
        }
    }

    private static List<String> bodies(int... numbers) {
        List<String> bodies = new ArrayList<>();
        for (int number : numbers) {
            bodies.add("m" + number);
        }
        return bodies;
    }

    private List<MessageExt> pushed(String group, String topic, MessageSelector selector) throws MQClientException {
        List<MessageExt> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer(group, topic, "*");
        consumer.subscribe(topic, selector);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return got;
    }

    private static void assertGets(List<MessageExt> got, List<String> expected) {
        await().atMost(PATIENCE).until(() -> got.size() >= expected.size());
        assertThat(OfficialClients.texts(got)).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void pushesWhatAnSqlExpressionSelectsAlsoWhatComesLater() throws Exception {
        send("sql");
        List<MessageExt> got = pushed(
                "sql-readers",
                "sql",
                MessageSelector.bySql("n BETWEEN 5 AND 9 AND TAGS IN ('odd') OR third IS NOT NULL"));
        List<MessageExt> none = pushed("sql-none", "sql", MessageSelector.bySql("n > 1000"));
        List<String> expected = bodies(0, 3, 5, 6, 7, 9, 12, 15, 18);
        assertGets(got, expected);

        DefaultMQProducer producer = clients.producer("later");
        Message unwanted = OfficialClients.message("sql", "odd", "unwanted");
        Message wanted = OfficialClients.message("sql", "odd", "wanted");
        wanted.putUserProperty("n", "7");
        Message many = OfficialClients.message("sql", "odd", "many");
        many.putUserProperty("n", "1001");
        producer.send(unwanted);
        producer.send(wanted);
        producer.send(many);
        expected.add("wanted");
        assertGets(got, expected);
        assertGets(none, List.of("many"));
    }

    @Test
    void redeliversASelectedMessageThatWasSentBack() throws Exception {
        send("sql-retry");
        List<String> seen = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer("sql-retriers", "sql-retry", "*");
        consumer.subscribe("sql-retry", MessageSelector.bySql("n = 4"));
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> seen.add(OfficialClients.text(message) + "/" + message.getReconsumeTimes()));
            context.setDelayLevelWhenNextConsume(1);
            return messages.get(0).getReconsumeTimes() == 0
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        await().atMost(PATIENCE).until(() -> seen.size() >= 2);
        assertThat(seen).containsExactly("m4/0", "m4/1");
    }

    @Test
    void refusesAnExpressionThatItDoesNotUnderstandWhenTheConsumerStarts() throws Exception {
        send("sql-wrong");
        DefaultMQPushConsumer wrong = clients.consumer("sql-wrong-readers", "sql-wrong", "*");
        wrong.subscribe("sql-wrong", MessageSelector.bySql("n >"));
        wrong.registerMessageListener(
                (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        assertThatThrownBy(wrong::start)
                .isInstanceOfSatisfying(MQClientException.class, refusal -> assertThat(refusal.getResponseCode())
                        .isEqualTo(23))
                .hasMessageContaining("Invalid MessageSelector.");
    }

    @Test
    void pullsByTagsAndBySqlWithALitePullConsumer() throws Exception {
        send("lite");
        assertGets(
                polled("lite-tags", MessageSelector.byTag("odd || none"), 10),
                bodies(1, 3, 5, 7, 9, 11, 13, 15, 17, 19));
        assertGets(polled("lite-sql", MessageSelector.bySql("n >= 17 OR n < 2"), 5), bodies(0, 1, 17, 18, 19));
    }

    private List<MessageExt> polled(String group, MessageSelector selector, int expected) throws MQClientException {
        DefaultLitePullConsumer consumer = clients.litePull(group);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe("lite", selector);
        consumer.start();
        List<MessageExt> got = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            got.addAll(consumer.poll(500));
            return got.size() >= expected;
        });
        Collection<MessageExt> more = consumer.poll(500);
        assertThat(more).isEmpty();
        return got;
    }

    @Test
    void findsTheFewAmongVeryManyOthers() throws Exception {
        DefaultMQProducer producer = clients.producer("many-senders");
        for (int batch = 0; batch < 50; batch++) {
            List<Message> messages = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Message message = OfficialClients.message("many", "t", "many-" + batch + "-" + i);
                message.putUserProperty("wanted", batch == 49 && i == 99 ? "1" : "0");
                messages.add(message);
            }
            producer.send(messages);
        }
        assertGets(pushed("many-readers", "many", MessageSelector.bySql("wanted = 1")), List.of("many-49-99"));
    }
}
