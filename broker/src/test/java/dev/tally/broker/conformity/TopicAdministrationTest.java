package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.common.ClientErrorCode;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.admin.TopicOffset;
import org.apache.rocketmq.remoting.protocol.route.QueueData;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** What operators see and change of topics with RocketMQ's own admin client. */
class TopicAdministrationTest {

    private static final int READ = 4;
    private static final int WRITE = 2;

    private static SendResult send(Trial trial, String topic, int count) throws Exception {
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageQueue> queues = trial.awaitRoute(topic);
        SendResult last = null;
        for (int i = 0; i < count; i++) {
            last = producer.send(message(topic, "A", "m" + i), queues.get(i % queues.size()));
        }
        return last;
    }

    private static QueueData route(DefaultMQAdminExt admin, String topic) throws Exception {
        return admin.examineTopicRouteInfo(topic).getQueueDatas().get(0);
    }

    /**
     * Changes a topic until its route says so: RocketMQ's name server takes two changes of a moment, such as another
     * test's, for one. It is not told again of what is as it was, so a further attempt first makes another change.
     */
    private static void change(Trial trial, String topic, int read, int write, int permissions) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String broker = trial.brokerAddress();
        AtomicInteger attempts = new AtomicInteger();
        await().atMost(Trial.PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptionsInstanceOf(MQClientException.class)
                .until(() -> {
                    if (attempts.incrementAndGet() > 1) {
                        admin.createAndUpdateTopicConfig(broker, new TopicConfig(topic, read + 1, write, permissions));
                    }
                    admin.createAndUpdateTopicConfig(broker, new TopicConfig(topic, read, write, permissions));
                    QueueData route = route(admin, topic);
                    return route.getReadQueueNums() == read
                            && route.getWriteQueueNums() == write
                            && route.getPerm() == permissions;
                });
    }

    @OnEachTarget
    void createsChangesAndDeletesTopics(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.name();
        String broker = trial.brokerAddress();

        change(trial, topic, 3, 2, READ | WRITE);
        assertThat(admin.fetchAllTopicList().getTopicList()).contains(topic);
        assertThat(admin.examineTopicConfig(broker, topic))
                .returns(3, TopicConfig::getReadQueueNums)
                .returns(2, TopicConfig::getWriteQueueNums)
                .returns(READ | WRITE, TopicConfig::getPerm);
        assertThat(admin.getTopicClusterList(topic)).containsExactly("DefaultCluster");

        change(trial, topic, 6, 5, READ);

        admin.deleteTopic(topic, "DefaultCluster");
        Trial.eventually(() -> !admin.fetchAllTopicList().getTopicList().contains(topic));
    }

    /** Also of senders that know the topic from before ours takes nothing; RocketMQ leaves it to the route. */
    @OnEachTarget
    void nobodySendsWithoutTheWritePermission(Trial trial) throws Exception {
        String topic = trial.topic();
        assertThat(trial.clients()
                        .producer(trial.name())
                        .send(message(topic, "A", "before"))
                        .getSendStatus())
                .isEqualTo(SendStatus.SEND_OK);

        change(trial, topic, 1, 1, READ);

        DefaultMQProducer producer = trial.clients().producer(trial.name());
        assertThat(catchThrowableOfType(MQClientException.class, () -> producer.send(message(topic, "A", "refused")))
                        .getResponseCode())
                .isEqualTo(ClientErrorCode.NOT_FOUND_TOPIC_EXCEPTION);
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        Trial.eventually(() -> got.size() == 1);

        change(trial, topic, 1, 1, READ | WRITE);
        assertThat(trial.clients()
                        .producer(trial.name())
                        .send(message(topic, "A", "after"))
                        .getSendStatus())
                .isEqualTo(SendStatus.SEND_OK);
        Trial.eventually(() -> got.size() == 2);
        assertThat(texts(got)).containsExactly("before", "after");
    }

    @OnEachTarget
    void deliversNothingWithoutTheReadPermission(Trial trial) throws Exception {
        String topic = trial.topic();
        var unused = send(trial, topic, 1);
        MessageQueue queue = trial.awaitRoute(topic).get(0);
        change(trial, topic, 1, 1, WRITE);

        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        assertThat(producer.send(message(topic, "A", "also"), queue).getSendStatus())
                .isEqualTo(SendStatus.SEND_OK);
        assertThat(got).isEmpty();

        change(trial, topic, 1, 1, READ | WRITE);
        Trial.eventually(() -> got.size() == 2);
        assertThat(texts(got)).containsExactlyInAnyOrder("m0", "also");
    }

    @OnEachTarget
    void usesMoreAndFewerQueues(Trial trial) throws Exception {
        String topic = trial.topic(2);
        String name = trial.awaitRoute(topic).get(0).getBrokerName();
        DefaultMQProducer producer = trial.clients().producer(trial.name());

        change(trial, topic, 4, 4, READ | WRITE);
        for (int i = 0; i < 4; i++) {
            producer.send(message(topic, "A", "queue " + i), new MessageQueue(topic, name, i));
        }
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        Trial.eventually(() -> got.size() == 4);

        change(trial, topic, 4, 1, READ | WRITE);
        assertThat(trial.clients().producer(trial.name()).fetchPublishMessageQueues(topic))
                .extracting(MessageQueue::getQueueId)
                .containsExactly(0);
        assertThat(catchThrowableOfType(
                                MQBrokerException.class,
                                () -> producer.send(message(topic, "A", "gone"), new MessageQueue(topic, name, 9)))
                        .getResponseCode())
                .isEqualTo(ResponseCode.INVALID_PARAMETER);
        producer.send(message(topic, "A", "remaining"), new MessageQueue(topic, name, 0));
        Trial.eventually(() -> got.size() == 5);
        assertThat(texts(got)).containsExactlyInAnyOrder("queue 0", "queue 1", "queue 2", "queue 3", "remaining");
    }

    @OnEachTarget
    void countsWhatATopicHolds(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic(2);
        long before = System.currentTimeMillis();
        var unused = send(trial, topic, 5);

        Map<MessageQueue, TopicOffset> offsets = await().atMost(Trial.PATIENCE)
                .until(
                        () -> admin.examineTopicStats(topic).getOffsetTable(),
                        table -> table.values().stream()
                                        .mapToLong(TopicOffset::getMaxOffset)
                                        .sum()
                                == 5);

        assertThat(offsets).hasSize(2);
        offsets.forEach((queue, offset) -> {
            assertThat(offset.getMinOffset()).isZero();
            assertThat(offset.getMaxOffset()).isEqualTo(queue.getQueueId() == 0 ? 3 : 2);
            assertThat(offset.getLastUpdateTimestamp()).isBetween(before, System.currentTimeMillis());
        });
    }
}
