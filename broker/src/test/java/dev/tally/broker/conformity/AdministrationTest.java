package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.LanguageCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.admin.ConsumeStats;
import org.apache.rocketmq.remoting.protocol.admin.OffsetWrapper;
import org.apache.rocketmq.remoting.protocol.body.CMResult;
import org.apache.rocketmq.remoting.protocol.body.Connection;
import org.apache.rocketmq.remoting.protocol.body.ConsumeMessageDirectlyResult;
import org.apache.rocketmq.remoting.protocol.body.ConsumerConnection;
import org.apache.rocketmq.remoting.protocol.body.ConsumerRunningInfo;
import org.apache.rocketmq.remoting.protocol.heartbeat.ConsumeType;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.apache.rocketmq.tools.admin.api.TrackType;

/** What operators see and change of groups and clients with RocketMQ's own admin client. */
class AdministrationTest {

    private static SubscriptionGroupConfig group(String name) {
        SubscriptionGroupConfig group = new SubscriptionGroupConfig();
        group.setGroupName(name);
        return group;
    }

    private static SendResult send(Trial trial, String topic, int count) throws Exception {
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageQueue> queues = trial.awaitRoute(topic);
        SendResult last = null;
        for (int i = 0; i < count; i++) {
            last = producer.send(message(topic, "A", "m" + i), queues.get(i % queues.size()));
        }
        return last;
    }

    /** How many messages the group has still to consume. */
    private static long behind(DefaultMQAdminExt admin, String group, String topic) throws Exception {
        try {
            return admin.examineConsumeStats(group, topic).computeTotalDiff();
        } catch (MQClientException e) {
            // RocketMQ does not know the group's topics as long as it consumed nothing.
            assertThat(e.getResponseCode()).isEqualTo(ResponseCode.CONSUMER_NOT_ONLINE);
            return Long.MAX_VALUE;
        }
    }

    private static void awaitConsumed(DefaultMQAdminExt admin, String group, String topic) {
        Trial.eventually(() -> behind(admin, group, topic) == 0);
    }

    /** Waits: RocketMQ cuts its list of groups short where another test adds one while it is being read. */
    private static void awaitConfigured(DefaultMQAdminExt admin, String broker, SubscriptionGroupConfig group) {
        await().atMost(Trial.PATIENCE).untilAsserted(() -> {
            assertThat(admin.examineSubscriptionGroupConfig(broker, group.getGroupName()))
                    .isEqualTo(group);
            assertThat(admin.getAllSubscriptionGroup(broker, 60_000).getSubscriptionGroupTable())
                    .containsEntry(group.getGroupName(), group);
        });
    }

    @OnEachTarget
    void createsChangesAndDeletesGroups(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String broker = trial.brokerAddress();
        SubscriptionGroupConfig group = group(trial.name());
        group.setRetryMaxTimes(3);
        group.setConsumeTimeoutMinute(7);

        admin.createAndUpdateSubscriptionGroupConfig(broker, group);
        awaitConfigured(admin, broker, group);
        group.setRetryMaxTimes(5);
        group.setConsumeEnable(false);
        admin.createAndUpdateSubscriptionGroupConfig(broker, group);
        awaitConfigured(admin, broker, group);

        admin.deleteSubscriptionGroup(broker, group.getGroupName(), true);
        assertThat(admin.getAllSubscriptionGroup(broker, 60_000).getSubscriptionGroupTable())
                .doesNotContainKey(group.getGroupName());
    }

    @OnEachTarget
    void saysHowFarAGroupIsAndHowFarBehind(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic(2);
        String group = trial.name();
        var unused = send(trial, topic, 4);
        try (var before = trial.clients(client -> {})) {
            List<MessageExt> got = before.consumed(group, topic, "*");
            Trial.eventually(() -> got.size() == 4);
            awaitConsumed(admin, group, topic);
        }
        unused = send(trial, topic, 3);

        Trial.eventually(() -> behind(admin, group, topic) == 3);
        ConsumeStats stats = admin.examineConsumeStats(group, topic);
        assertThat(stats.getOffsetTable()).hasSize(2);
        for (Map.Entry<MessageQueue, OffsetWrapper> entry :
                stats.getOffsetTable().entrySet()) {
            OffsetWrapper offset = entry.getValue();
            assertThat(offset.getConsumerOffset()).isEqualTo(2);
            assertThat(offset.getBrokerOffset()).isEqualTo(entry.getKey().getQueueId() == 0 ? 4 : 3);
            assertThat(offset.getLastTimestamp()).isPositive();
        }
    }

    @OnEachTarget
    void namesProducersAndConsumers(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic();
        String group = trial.name();
        String producers = trial.name();
        DefaultMQProducer producer = trial.clients().producer(producers);
        producer.send(message(topic, "A", "m"));
        DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "A || B");
        consumer.registerMessageListener(
                (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        consumer.start();

        ConsumerConnection consumers = await().atMost(Trial.PATIENCE)
                .ignoreExceptions()
                .until(() -> admin.examineConsumerConnectionInfo(group), found -> !found.getConnectionSet()
                        .isEmpty());
        assertThat(consumers.getConsumeType()).isEqualTo(ConsumeType.CONSUME_PASSIVELY);
        assertThat(consumers.getMessageModel()).isEqualTo(MessageModel.CLUSTERING);
        assertThat(consumers.getSubscriptionTable()).containsOnlyKeys(topic, "%RETRY%" + group);
        assertThat(consumers.getSubscriptionTable().get(topic).getTagsSet()).containsExactlyInAnyOrder("A", "B");
        assertThat(consumers.getConnectionSet()).singleElement().satisfies(connection -> {
            assertThat(connection.getClientId()).isEqualTo(consumer.buildMQClientId());
            assertThat(connection.getClientAddr()).startsWith("127.0.0.1:");
            assertThat(connection.getLanguage()).isEqualTo(LanguageCode.JAVA);
            assertThat(connection.getVersion()).isPositive();
        });
        Set<Connection> senders = await().atMost(Trial.PATIENCE)
                .ignoreExceptions()
                .until(
                        () -> admin.examineProducerConnectionInfo(producers, topic)
                                .getConnectionSet(),
                        found -> !found.isEmpty());
        assertThat(senders).singleElement().returns(producer.buildMQClientId(), Connection::getClientId);
        assertThat(admin.queryTopicConsumeByWho(topic).getGroupList()).contains(group);
        assertThat(catchThrowable(() -> admin.examineConsumerConnectionInfo(trial.name())))
                .isNotNull();
    }

    @OnEachTarget
    void asksAConsumerWhatItDoesAndHasItConsumeAMessage(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic();
        String group = trial.name();
        String id = send(trial, topic, 2).getOffsetMsgId();
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAll(texts(messages));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        Trial.eventually(() -> got.size() == 2);
        awaitConsumed(admin, group, topic);

        ConsumerRunningInfo info = admin.getConsumerRunningInfo(group, consumer.buildMQClientId(), true);
        assertThat(info.getMqTable().keySet())
                .extracting(MessageQueue::getTopic)
                .contains(topic);
        assertThat(info.getProperties()).containsEntry(ConsumerRunningInfo.PROP_CONSUME_TYPE, "CONSUME_PASSIVELY");
        assertThat(info.getJstack()).isNotBlank();

        ConsumeMessageDirectlyResult result =
                admin.consumeMessageDirectly(group, consumer.buildMQClientId(), topic, id);
        assertThat(result.getConsumeResult()).isEqualTo(CMResult.CR_SUCCESS);
        // Two threads handle what comes.
        assertThat(got).containsExactlyInAnyOrder("m0", "m1", "m1");
    }

    @OnEachTarget
    void tellsWhichGroupsConsumedAMessage(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic();
        String group = trial.name();
        SendResult sent = send(trial, topic, 1);
        List<MessageExt> got = trial.clients().consumed(group, topic, "*");
        Trial.eventually(() -> got.size() == 1);
        awaitConsumed(admin, group, topic);
        MessageExt message = admin.viewMessage(topic, sent.getOffsetMsgId());

        Trial.eventually(() -> admin.messageTrackDetail(message).stream()
                .anyMatch(
                        track -> track.getConsumerGroup().equals(group) && track.getTrackType() == TrackType.CONSUMED));
    }

    @OnEachTarget
    void givesAnOnlineGroupEverythingAgain(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic(2);
        String group = trial.name();
        var unused = send(trial, topic, 6);
        List<MessageExt> got = trial.clients().consumed(group, topic, "*");
        Trial.eventually(() -> got.size() == 6);
        awaitConsumed(admin, group, topic);

        Map<MessageQueue, Long> offsets = admin.resetOffsetByTimestamp(topic, group, 0, true);

        assertThat(offsets).hasSize(2).allSatisfy((queue, offset) -> assertThat(offset)
                .isZero());
        Trial.eventually(() -> got.size() >= 12);
        awaitConsumed(admin, group, topic);
        assertThat(texts(got)).containsOnly("m0", "m1", "m2", "m3", "m4", "m5").hasSize(12);
    }

    @OnEachTarget
    void movesAnOfflineGroupToATime(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic();
        String group = trial.name();
        var unused = send(trial, topic, 2);
        try (var before = trial.clients(client -> {})) {
            List<MessageExt> got = before.consumed(group, topic, "*");
            Trial.eventually(() -> got.size() == 2);
            awaitConsumed(admin, group, topic);
        }
        long last =
                admin.viewMessage(topic, send(trial, topic, 1).getOffsetMsgId()).getStoreTimestamp();
        Trial.eventually(() -> System.currentTimeMillis() > last);
        var skipped = send(trial, topic, 2);

        admin.resetOffsetByTimestamp(topic, group, 0, true);
        Trial.eventually(() -> behind(admin, group, topic) == 5);
        admin.resetOffsetByTimestamp(topic, group, last, true);
        Trial.eventually(() -> behind(admin, group, topic) == 3);
        assertThat(skipped.getQueueOffset()).isEqualTo(4);

        List<MessageExt> got = trial.clients().consumed(group, topic, "*");
        Trial.eventually(() -> got.size() >= 3);
        awaitConsumed(admin, group, topic);
        assertThat(texts(got)).containsExactlyInAnyOrder("m0", "m0", "m1");
    }

    @OnEachTarget
    void clonesTheOffsetsOfAGroup(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic(2);
        String group = trial.name();
        String copy = trial.name();
        trial.configure(group(copy));
        var unused = send(trial, topic, 4);
        try (var before = trial.clients(client -> {})) {
            List<MessageExt> got = before.consumed(group, topic, "*");
            Trial.eventually(() -> got.size() == 4);
            awaitConsumed(admin, group, topic);
        }

        admin.cloneGroupOffset(group, copy, topic, false);

        Trial.eventually(() -> behind(admin, copy, topic) == 0);
        List<MessageExt> got = trial.clients().consumed(copy, topic, "*");
        unused = send(trial, topic, 1);
        Trial.eventually(() -> !got.isEmpty());
        awaitConsumed(admin, copy, topic);
        assertThat(got).hasSize(1);
    }

    @OnEachTarget
    void aGroupThatMayNotConsumeGetsNothingUntilItMay(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic();
        SubscriptionGroupConfig group = group(trial.name());
        group.setConsumeEnable(false);
        trial.configure(group);
        var unused = send(trial, topic, 2);
        List<MessageExt> got = trial.clients().consumed(group.getGroupName(), topic, "*");
        Trial.eventually(() -> admin.examineConsumerConnectionInfo(group.getGroupName())
                        .getConnectionSet()
                        .size()
                == 1);
        assertThat(got).isEmpty();

        group.setConsumeEnable(true);
        trial.configure(group);

        Trial.eventually(() -> got.size() == 2);
    }

    @OnEachTarget
    void aConsumerThatIsSuspendedGoesOnWhenItIsResumed(Trial trial) throws Exception {
        DefaultMQAdminExt admin = trial.admin();
        String topic = trial.topic();
        String group = trial.name();
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAll(texts(messages));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        var unused = send(trial, topic, 1);
        Trial.eventually(() -> got.size() == 1);
        awaitConsumed(admin, group, topic);

        consumer.suspend();
        // A pull that is under way still brings what comes next.
        unused = send(trial, topic, 1);
        assertStays(got, 2);
        unused = send(trial, topic, 8);
        assertStays(got, 2);
        consumer.resume();

        Trial.eventually(() -> got.size() == 10);
        awaitConsumed(admin, group, topic);
    }

    private static void assertStays(List<String> got, int most) {
        await().atMost(Trial.PATIENCE).during(Duration.ofSeconds(2)).until(() -> got.size() <= most);
    }
}
