package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.MQAdminImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.BoundaryType;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.ResponseCode;

/** Messages by id, key and time, and offsets by time. */
class LookupTest {

    private static final long ALWAYS = Long.MAX_VALUE;

    private static Message keyed(String topic, String keys, String body) {
        return new Message(topic, "t", keys, body.getBytes(StandardCharsets.UTF_8));
    }

    private static MQAdminImpl admin(DefaultMQProducer producer) {
        return producer.getDefaultMQProducerImpl().getMqClientFactory().getMQAdminImpl();
    }

    /** Asked until the key's messages are there: RocketMQ indexes them some time after it took them. */
    private static List<String> byKey(DefaultMQProducer producer, String topic, String key, int max, int expected) {
        return await().atMost(Trial.PATIENCE)
                .ignoreExceptionsInstanceOf(MQClientException.class)
                .until(
                        () -> texts(producer.queryMessage(topic, key, max, 0, ALWAYS)
                                .getMessageList()),
                        found -> found.size() >= expected);
    }

    private static void assertNothing(DefaultMQProducer producer, String topic, String key, long begin, long end) {
        assertThat(catchThrowableOfType(
                                MQClientException.class, () -> producer.queryMessage(topic, key, 10, begin, end))
                        .getResponseCode())
                .as(key)
                .isEqualTo(ResponseCode.NO_MESSAGE);
    }

    @OnEachTarget
    void findsAMessageByItsOffsetId(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        Message sent = keyed(topic, "key", "body");
        sent.putUserProperty("color", "red");
        SendResult result = producer.send(sent);

        MessageExt found = producer.viewMessage(topic, result.getOffsetMsgId());

        assertThat(text(found)).isEqualTo("body");
        assertThat(found.getTopic()).isEqualTo(topic);
        assertThat(found.getTags()).isEqualTo("t");
        assertThat(found.getKeys()).isEqualTo("key");
        assertThat(found.getUserProperty("color")).isEqualTo("red");
        assertThat(found.getQueueOffset()).isEqualTo(result.getQueueOffset());
        assertThat(found.getMsgId()).isEqualTo(result.getMsgId());
        assertThat(found.getBornTimestamp()).isPositive();
        assertThat(found.getStoreTimestamp()).isPositive();
    }

    @OnEachTarget
    void refusesAnOffsetIdThatIsNobodys(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        String id = producer.send(message(topic, "t", "body")).getOffsetMsgId();
        String beyond = id.substring(0, 16) + "00000FFFFFFFFFFF";

        assertThat(catchThrowableOfType(
                                MQBrokerException.class, () -> admin(producer).viewMessage(topic, beyond))
                        .getResponseCode())
                .isEqualTo(ResponseCode.SYSTEM_ERROR);
    }

    @OnEachTarget
    void findsAMessageByItsUniqueKey(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        SendResult first = producer.send(message(topic, "t", "first"));
        SendResult second = producer.send(message(topic, "t", "second"));
        MQAdminImpl admin = admin(producer);

        for (SendResult sent : List.of(second, first)) {
            MessageExt found = await().atMost(Trial.PATIENCE)
                    .ignoreExceptionsInstanceOf(MQClientException.class)
                    .until(() -> admin.queryMessageByUniqKey(topic, sent.getMsgId()), message -> message != null);
            assertThat(found.getQueueOffset()).isEqualTo(sent.getQueueOffset());
            assertThat(found.getMsgId()).isEqualTo(sent.getMsgId());
        }
        String other = trial.topic();
        assertThat(catchThrowableOfType(
                                MQClientException.class, () -> admin.queryMessageByUniqKey(other, first.getMsgId()))
                        .getResponseCode())
                .isEqualTo(ResponseCode.NO_MESSAGE);
    }

    @OnEachTarget
    void findsMessagesByEachOfTheirKeys(Trial trial) throws Exception {
        String topic = trial.topic(2);
        String other = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        producer.send(keyed(topic, "order-1 customer-7", "first"));
        producer.send(keyed(topic, "order-2 customer-7", "second"));
        producer.send(keyed(other, "order-1", "elsewhere"));
        List<Message> batch = List.of(keyed(topic, "order-3", "third"), keyed(topic, "order-4 customer-7", "fourth"));
        producer.send(batch);

        assertThat(byKey(producer, topic, "order-1", 10, 1)).containsExactly("first");
        assertThat(byKey(producer, topic, "order-3", 10, 1)).containsExactly("third");
        assertThat(byKey(producer, topic, "customer-7", 10, 3)).containsExactlyInAnyOrder("first", "second", "fourth");
        assertThat(byKey(producer, topic, "customer-7", 2, 2))
                .as("the newest ones")
                .containsExactlyInAnyOrder("second", "fourth");
        assertThat(byKey(producer, other, "order-1", 10, 1)).containsExactly("elsewhere");
        for (String absent : List.of("order", "order-1 customer-7", "order-11", "ORDER-1")) {
            assertNothing(producer, topic, absent, 0, ALWAYS);
        }
    }

    @OnEachTarget
    void findsMessagesByKeyWithinATimeOnly(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> stored = new ArrayList<>();
        for (String body : List.of("first", "second")) {
            SendResult sent = producer.send(keyed(topic, "key", body));
            stored.add(producer.viewMessage(topic, sent.getOffsetMsgId()));
            // RocketMQ's index knows seconds only.
            awaitClock(stored.get(stored.size() - 1).getStoreTimestamp() + 3000);
        }
        assertThat(byKey(producer, topic, "key", 10, 2)).containsExactlyInAnyOrder("first", "second");
        long first = stored.get(0).getStoreTimestamp();
        long second = stored.get(1).getStoreTimestamp();

        assertThat(texts(producer.queryMessage(topic, "key", 10, first - 1500, first + 1500)
                        .getMessageList()))
                .containsExactly("first");
        assertThat(texts(producer.queryMessage(topic, "key", 10, second - 1500, ALWAYS)
                        .getMessageList()))
                .containsExactly("second");
        assertNothing(producer, topic, "key", 0, first - 1500);
        assertNothing(producer, topic, "key", second + 1500, ALWAYS);
    }

    @OnEachTarget
    void findsOffsetsByTimeWithBothBoundaries(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        MessageQueue queue = trial.awaitRoute(topic).get(0);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SendResult sent = producer.send(message(topic, "t", "m" + i));
            times.add(producer.viewMessage(topic, sent.getOffsetMsgId()).getStoreTimestamp());
            awaitClock(times.get(i) + 20);
        }
        MQAdminImpl admin = admin(producer);
        Trial.eventually(() -> admin.maxOffset(queue) == 4);

        assertThat(admin.minOffset(queue)).isZero();
        assertThat(admin.earliestMsgStoreTime(queue)).isEqualTo(times.get(0));
        for (int i = 0; i < 4; i++) {
            long time = times.get(i);
            assertThat(admin.searchOffset(queue, time)).isEqualTo(i);
            assertThat(admin.searchOffset(queue, time - 1)).isEqualTo(i);
            assertThat(admin.searchOffset(queue, time, BoundaryType.LOWER)).isEqualTo(i);
            assertThat(admin.searchOffset(queue, time, BoundaryType.UPPER)).isEqualTo(i);
            if (i < 3) {
                assertThat(admin.searchOffset(queue, time + 1)).isEqualTo(i + 1);
                assertThat(admin.searchOffset(queue, time + 1, BoundaryType.LOWER))
                        .isEqualTo(i + 1);
                assertThat(admin.searchOffset(queue, time + 1, BoundaryType.UPPER))
                        .isEqualTo(i);
            }
        }
        assertThat(admin.searchOffset(queue, 0)).isZero();
        assertThat(admin.searchOffset(queue, times.get(3) + 3_600_000, BoundaryType.LOWER))
                .as("behind the last message")
                .isEqualTo(4);
    }

    @OnEachTarget
    void saysOfAnEmptyQueueThatItBeginsAndEndsAtZero(Trial trial) throws Exception {
        String topic = trial.topic();
        MQAdminImpl admin = admin(trial.clients().producer(trial.name()));
        MessageQueue queue = trial.awaitRoute(topic).get(0);

        assertThat(admin.minOffset(queue)).isZero();
        assertThat(admin.maxOffset(queue)).isZero();
        assertThat(admin.searchOffset(queue, System.currentTimeMillis())).isZero();
        assertThat(admin.earliestMsgStoreTime(queue)).isEqualTo(-1);
    }

    private static void awaitClock(long millis) {
        Trial.eventually(() -> System.currentTimeMillis() >= millis);
    }
}
