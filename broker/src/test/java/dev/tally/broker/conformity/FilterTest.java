package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.OfficialClients;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.filter.FilterAPI;
import org.apache.rocketmq.remoting.protocol.heartbeat.SubscriptionData;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Consumers that want some messages of a topic: by tags and by SQL92. */
class FilterTest {

    private static final long POLL_MILLIS = 500;

    /** Each expression with the messages of {@link #sendProperties} that it selects. */
    private static final Map<String, List<String>> SELECTED = new LinkedHashMap<>();

    static {
        select("n = 3", "m3");
        select("n <> 3", "m0", "m1", "m2", "m4", "m5");
        select("n > 3", "m4", "m5");
        select("n >= 3", "m3", "m4", "m5");
        select("n < 1", "m0");
        select("n <= 1", "m0", "m1");
        select("3 < n", "m4", "m5");
        select("n > 2.5 AND n < 3.5", "m3");
        select("n BETWEEN 2 AND 3", "m2", "m3");
        select("n NOT BETWEEN 2 AND 3", "m0", "m1", "m4", "m5");
        select("half = 0.5", "m1");
        select("half > 1.0", "m3", "m4", "m5");
        select("half BETWEEN 0.5 AND 1.5", "m1", "m2", "m3");
        select("below < 0", "m1", "m2", "m3", "m4", "m5");
        select("below = -2", "m2");
        select("below >= -1", "m0", "m1");
        select("color = 'red'", "m0", "m2", "m4");
        select("color <> 'red'", "m1", "m3", "m5");
        select("color = 'Red'");
        select("color IN ('red', 'blue')", "m0", "m1", "m2", "m3", "m4", "m5");
        select("color IN ('blue', 'green')", "m1", "m3", "m5");
        select("color NOT IN ('blue', 'green')", "m0", "m2", "m4");
        select("third IS NULL", "m1", "m2", "m4", "m5");
        select("third IS NOT NULL", "m0", "m3");
        select("absent IS NULL", "m0", "m1", "m2", "m3", "m4", "m5");
        select("absent = 'x'");
        select("absent > 1");
        select("even = TRUE", "m0", "m2", "m4");
        select("even = FALSE", "m1", "m3", "m5");
        select("even <> TRUE", "m1", "m3", "m5");
        select("TRUE", "m0", "m1", "m2", "m3", "m4", "m5");
        select("FALSE");
        select("n > 1 AND color = 'red'", "m2", "m4");
        select("n = 1 OR color = 'red' AND n > 2", "m1", "m4");
        select("(n = 1 OR color = 'red') AND n > 2", "m4");
        select("NOT (n > 1)", "m0", "m1");
        // NOT binds closest.
        select("NOT color = 'red'");
        select("n > 1 and not (color in ('red'))", "m3", "m5");
        select("TAGS = 'a'", "m0", "m3");
        select("TAGS IN ('a', 'b') AND n > 1", "m3", "m4");
        select("TAGS IS NOT NULL AND n BETWEEN 0 AND 3 AND color = 'blue' AND even = FALSE", "m1", "m3");
        select("color CONTAINS 'e'", "m0", "m1", "m2", "m3", "m4", "m5");
        select("color CONTAINS 'lu'", "m1", "m3", "m5");
        select("color STARTSWITH 'r'", "m0", "m2", "m4");
        select("color ENDSWITH 'ue'", "m1", "m3", "m5");
        select("color NOT STARTSWITH 'r'", "m1", "m3", "m5");
        select("quoted = 'it''s'", "m5");
        select("n = '3'", "m3");
    }

    private static final List<String> WRONG = List.of(
            "n >",
            "n > > 3",
            "(n = 3",
            "n BETWEEN 3",
            "n BETWEEN 3 AND 1",
            "color IN ()",
            "color IN (1)",
            "color IN 'red'",
            "color > 'red'",
            "n == 3",
            "color = 'red",
            "n = 3 AND",
            "= 3",
            "3",
            "'red'");

    private static void select(String expression, String... bodies) {
        SELECTED.put(expression, List.of(bodies));
    }

    /** Messages m0 to m5 with properties that say their number in several ways. */
    private static List<String> sendProperties(Trial trial, String topic) throws Exception {
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<String> bodies = new ArrayList<>();
        for (int n = 0; n < 6; n++) {
            Message message = message(topic, List.of("a", "b", "c").get(n % 3), "m" + n);
            message.putUserProperty("n", Integer.toString(n));
            message.putUserProperty("half", Double.toString(n / 2.0));
            message.putUserProperty("below", Integer.toString(-n));
            message.putUserProperty("color", n % 2 == 0 ? "red" : "blue");
            message.putUserProperty("even", Boolean.toString(n % 2 == 0));
            if (n % 3 == 0) {
                message.putUserProperty("third", "yes");
            }
            if (n == 5) {
                message.putUserProperty("quoted", "it's");
            }
            producer.send(message);
            bodies.add("m" + n);
        }
        return bodies;
    }

    private static void sendTagged(Trial trial, String topic, String... tags) throws Exception {
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        for (String tag : tags) {
            producer.send(message(topic, tag.equals("untagged") ? null : tag, tag));
        }
    }

    private static DefaultMQPullConsumer puller(Trial trial, MessageQueue queue) throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(trial.name());
        consumer.setNamesrvAddr(trial.address());
        consumer.setInstanceName(OfficialClients.nextInstance());
        consumer.setMqClientApiTimeout(60_000);
        consumer.setConsumerPullTimeoutMillis(60_000);
        consumer.start();
        // It asks for SQL92 when a heartbeat told it the broker's version.
        MQClientInstance client =
                consumer.getDefaultMQPullConsumerImpl().getRebalanceImpl().getmQClientFactory();
        var unused = consumer.fetchSubscribeMessageQueues(queue.getTopic());
        await().atMost(Trial.PATIENCE)
                .ignoreExceptionsMatching(e -> String.valueOf(e.getMessage()).contains("does not upgrade"))
                .until(() -> {
                    client.sendHeartbeatToAllBrokerWithLock();
                    return consumer.pull(queue, MessageSelector.bySql("TRUE"), 0, 1) != null;
                });
        return consumer;
    }

    private static List<String> pull(DefaultMQPullConsumer consumer, MessageQueue queue, MessageSelector selector)
            throws Exception {
        List<String> bodies = new ArrayList<>();
        for (long offset = 0; offset < 6; ) {
            PullResult result = consumer.pull(queue, selector, offset, 32);
            if (result.getMsgFoundList() != null) {
                bodies.addAll(texts(result.getMsgFoundList()));
            }
            assertThat(result.getNextBeginOffset()).isGreaterThan(offset);
            offset = result.getNextBeginOffset();
        }
        return bodies;
    }

    private static List<MessageExt> pushed(Trial trial, String topic, MessageSelector selector) throws Exception {
        List<MessageExt> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        consumer.subscribe(topic, selector);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return got;
    }

    private static void assertGets(List<MessageExt> got, String... expected) {
        Trial.eventually(() -> got.size() >= expected.length);
        assertThat(texts(got)).containsExactlyInAnyOrder(expected);
    }

    @OnEachTarget
    void givesEachGroupTheTagsItAsksFor(Trial trial) throws Exception {
        String topic = trial.topic(2);
        sendTagged(trial, topic, "a", "b", "c", "untagged");
        List<MessageExt> two = trial.clients().consumed(trial.name(), topic, "a || b");
        List<MessageExt> withoutBlanks = trial.clients().consumed(trial.name(), topic, "b||c");
        List<MessageExt> all = trial.clients().consumed(trial.name(), topic, "*");
        List<MessageExt> one = trial.clients().consumed(trial.name(), topic, "c");
        List<MessageExt> other = trial.clients().consumed(trial.name(), topic, "d");

        assertGets(two, "a", "b");
        assertGets(withoutBlanks, "b", "c");
        assertGets(all, "a", "b", "c", "untagged");
        assertGets(one, "c");
        sendTagged(trial, topic, "d", "a");
        assertGets(two, "a", "b", "a");
        assertGets(other, "d");
        assertGets(all, "a", "b", "c", "untagged", "d", "a");
        assertGets(one, "c");
    }

    @OnEachTarget
    void tellsTagsWithTheSameHashApart(Trial trial) throws Exception {
        String topic = trial.topic();
        assertThat("Aa").hasSameHashCodeAs("BB");
        sendTagged(trial, topic, "Aa", "BB", "Aa");
        List<MessageExt> first = trial.clients().consumed(trial.name(), topic, "Aa");
        List<MessageExt> second = trial.clients().consumed(trial.name(), topic, "BB");

        assertGets(first, "Aa", "Aa");
        assertGets(second, "BB");
    }

    @OnEachTarget
    void takesAnotherSubscriptionWhenTheGroupComesBack(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        sendTagged(trial, topic, "b", "a");
        try (OfficialClients before = trial.clients(client -> {})) {
            assertGets(before.consumed(group, topic, "a"), "a");
        }
        List<MessageExt> got = trial.clients().consumed(group, topic, "b || c");

        sendTagged(trial, topic, "a", "c", "b");

        assertGets(got, "c", "b");
    }

    @OnEachTarget
    void selectsBySqlWhatTheOperatorsSay(Trial trial) throws Exception {
        String topic = trial.topic();
        List<String> sent = sendProperties(trial, topic);
        MessageQueue queue = trial.awaitRoute(topic).get(0);
        DefaultMQPullConsumer consumer = puller(trial, queue);
        try {
            assertThat(pull(consumer, queue, MessageSelector.byTag("*"))).containsExactlyElementsOf(sent);
            Map<String, List<String>> found = new LinkedHashMap<>();
            for (String expression : SELECTED.keySet()) {
                found.put(expression, pull(consumer, queue, MessageSelector.bySql(expression)));
            }
            assertThat(found).containsExactlyEntriesOf(SELECTED);
        } finally {
            consumer.shutdown();
        }
    }

    @OnEachTarget
    void refusesWhatIsNoExpression(Trial trial) throws Exception {
        String topic = trial.topic();
        Map<String, Integer> refused = new LinkedHashMap<>();
        Map<String, Integer> expected = new LinkedHashMap<>();
        for (String expression : WRONG) {
            expected.put(expression, ResponseCode.SUBSCRIPTION_PARSE_FAILED);
            SubscriptionData subscription = FilterAPI.build(topic, expression, "SQL92");
            try {
                trial.api().checkClientInBroker(trial.brokerAddress(), trial.name(), "anybody", subscription, 60_000);
            } catch (MQClientException refusal) {
                refused.put(expression, refusal.getResponseCode());
            }
        }
        assertThat(refused).isEqualTo(expected);
    }

    @OnEachTarget
    void refusesAWrongExpressionWhenItsConsumerStarts(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQPushConsumer push = trial.clients().consumer(trial.name(), topic, "*");
        push.subscribe(topic, MessageSelector.bySql("n >"));
        push.registerMessageListener(
                (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        assertRefused(push::start);

        DefaultLitePullConsumer pull = trial.clients().litePull(trial.name());
        pull.subscribe(topic, MessageSelector.bySql("color IN ()"));
        assertRefused(pull::start);
    }

    private static void assertRefused(ThrowingCallable start) {
        assertThatThrownBy(start)
                .isInstanceOfSatisfying(MQClientException.class, refusal -> assertThat(refusal.getResponseCode())
                        .isEqualTo(ResponseCode.SUBSCRIPTION_PARSE_FAILED));
    }

    @OnEachTarget
    void takesAPropertyThatIsNoNumberForNoMatch(Trial trial) throws Exception {
        String topic = trial.topic();
        var unused = sendProperties(trial, topic);
        List<MessageExt> numbers = pushed(trial, topic, MessageSelector.bySql("color > 3"));
        List<MessageExt> readable = pushed(trial, topic, MessageSelector.bySql("n > 3"));

        assertGets(readable, "m4", "m5");
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        Message four = message(topic, "t", "four");
        four.putUserProperty("color", "4");
        producer.send(four);
        assertGets(numbers, "four");
    }

    @OnEachTarget
    void pushesWhatSqlSelectsAlsoWhatComesLaterAndWhatFailedBefore(Trial trial) throws Exception {
        String topic = trial.topic(2);
        var unused = sendProperties(trial, topic);
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        consumer.subscribe(topic, MessageSelector.bySql("n IS NOT NULL AND n > 3"));
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt message = messages.get(0);
            got.add(text(message) + "/" + message.getReconsumeTimes());
            return text(message).equals("m4") && message.getReconsumeTimes() == 0
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();

        Trial.eventually(() -> got.size() >= 3);
        assertThat(got).containsExactlyInAnyOrder("m4/0", "m5/0", "m4/1");
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        producer.send(message(topic, "t", "without"));
        for (int n : List.of(2, 8)) {
            Message message = message(topic, "t", "later" + n);
            message.putUserProperty("n", Integer.toString(n));
            producer.send(message);
        }
        Trial.eventually(() -> got.size() >= 4);
        assertThat(got).hasSize(4).endsWith("later8/0");
    }

    @OnEachTarget
    void pullsByTagsAndBySqlWithALitePullConsumer(Trial trial) throws Exception {
        String topic = trial.topic(2);
        var unused = sendProperties(trial, topic);

        assertThat(polled(trial, topic, MessageSelector.byTag("b || c"), 4))
                .containsExactlyInAnyOrder("m1", "m2", "m4", "m5");
        assertThat(polled(trial, topic, MessageSelector.bySql("n >= 4 OR n < 1"), 3))
                .containsExactlyInAnyOrder("m0", "m4", "m5");
    }

    private static List<String> polled(Trial trial, String topic, MessageSelector selector, int count)
            throws Exception {
        DefaultLitePullConsumer consumer = trial.clients().litePull(trial.name());
        consumer.subscribe(topic, selector);
        consumer.start();
        List<String> got = new ArrayList<>();
        Trial.eventually(() -> {
            got.addAll(texts(consumer.poll(POLL_MILLIS)));
            return got.size() >= count;
        });
        got.addAll(texts(consumer.poll(POLL_MILLIS)));
        return got;
    }
}
