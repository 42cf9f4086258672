package dev.tally.broker.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.broker.OfficialClients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.TopicAttributes;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.body.CMResult;
import org.apache.rocketmq.remoting.protocol.body.ConsumeMessageDirectlyResult;
import org.apache.rocketmq.remoting.protocol.body.ConsumerConnection;
import org.apache.rocketmq.remoting.protocol.body.ConsumerRunningInfo;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changes by RocketMQ's own admin client do, as its users and the applications beside them see it. */
@Tag("slow")
class AdminClientTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int MESSAGES = 6;

    @TempDir
    private Path directory;

    private Broker broker;
    private OfficialClients clients;
    private DefaultMQAdminExt admin;

    @BeforeEach
    void start() throws Exception {
        broker = Broker.start(
                BrokerConfig.builder(directory.resolve("data")).port(0).build());
        clients = new OfficialClients(broker.address());
        admin = new DefaultMQAdminExt(30_000);
        admin.setNamesrvAddr(broker.address());
        admin.setInstanceName(OfficialClients.nextInstance());
        admin.start();
    }

    @AfterEach
    void stop() {
        admin.shutdown();
        clients.close();
        broker.close();
    }

    private void topic(String name, int queues) throws Exception {
        admin.createAndUpdateTopicConfig(broker.address(), new TopicConfig(name, queues, queues, 6));
    }

    private SendResult send(String topic, int messages) throws Exception {
        DefaultMQProducer producer = clients.producer("P");
        SendResult last = null;
        for (int i = 0; i < messages; i++) {
            last = producer.send(OfficialClients.message(topic, "A", "m" + i), new MessageQueue(topic, "tally", i % 2));
        }
        return last;
    }

    private long behind(String group) throws Exception {
        try {
            return admin.examineConsumeStats(group, "orders").computeTotalDiff();
        } catch (MQClientException e) {
            // The group is online and its subscription is not known yet.
            assertThat(e.getResponseCode()).isEqualTo(ResponseCode.CONSUMER_NOT_ONLINE);
            return Long.MAX_VALUE;
        }
    }

    private static void awaitCount(List<MessageExt> got, int count) {
        await().atMost(PATIENCE).until(() -> got.size() >= count);
    }

    @Test
    void givesAnOnlineConsumerEverythingAgainAfterAReset() throws Exception {
        topic("orders", 2);
        send("orders", MESSAGES);
        List<MessageExt> got = clients.consumed("G", "orders", "*");
        awaitCount(got, MESSAGES);
        await().atMost(PATIENCE).until(() -> behind("G") == 0);

        Map<MessageQueue, Long> offsets = admin.resetOffsetByTimestamp("orders", "G", 0, true);

        assertThat(offsets).hasSize(2).containsValue(0L);
        awaitCount(got, 2 * MESSAGES);
        await().atMost(PATIENCE).until(() -> behind("G") == 0);
        assertThat(got).hasSize(2 * MESSAGES);
    }

    @Test
    void skipsWhatAnOfflineGroupHasNotConsumed() throws Exception {
        topic("orders", 2);
        admin.createAndUpdateSubscriptionGroupConfig(broker.address(), group("G"));
        send("orders", MESSAGES);

        admin.resetOffsetByTimestamp("orders", "G", -1, true);

        assertThat(behind("G")).isZero();
        List<MessageExt> got = clients.consumed("G", "orders", "*");
        send("orders", 2);
        awaitCount(got, 2);
        await().atMost(PATIENCE).until(() -> behind("G") == 0);
        assertThat(got).hasSize(2);
    }

    @Test
    void refusesAResetOfWhatDoesNotExist() throws Exception {
        topic("orders", 2);
        assertThatThrownBy(() -> admin.resetOffsetByTimestamp("orders", "nobody", 0, true))
                .hasMessageContaining("Cannot reset the offsets of group nobody in topic orders")
                .hasMessageContaining("the group does not exist");
    }

    @Test
    void clonesOffsetsForAGroupThatStartsWhereAnotherOneIs() throws Exception {
        topic("orders", 2);
        send("orders", MESSAGES);
        awaitCount(clients.consumed("G", "orders", "*"), MESSAGES);
        await().atMost(PATIENCE).until(() -> behind("G") == 0);

        admin.cloneGroupOffset("G", "H", "orders", false);

        assertThat(behind("H")).isZero();
        List<MessageExt> got = clients.consumed("H", "orders", "*");
        send("orders", 1);
        awaitCount(got, 1);
        assertThat(got).hasSize(1);
    }

    @Test
    void asksConsumersThemselves() throws Exception {
        topic("orders", 2);
        String id = send("orders", MESSAGES).getOffsetMsgId();
        List<MessageExt> got = clients.consumed("G", "orders", "A || B");
        awaitCount(got, MESSAGES);
        await().atMost(PATIENCE).until(() -> behind("G") == 0);

        ConsumerConnection connections = admin.examineConsumerConnectionInfo("G");
        assertThat(connections.getConnectionSet()).hasSize(1);
        assertThat(connections.getSubscriptionTable().get("orders").getTagsSet())
                .containsExactlyInAnyOrder("A", "B");
        String clientId = connections.getConnectionSet().iterator().next().getClientId();
        ConsumerRunningInfo info = admin.getConsumerRunningInfo("G", clientId, true);
        assertThat(info.getMqTable().keySet())
                .extracting(MessageQueue::getTopic)
                .contains("orders");
        assertThat(info.getJstack()).contains("ConsumeMessageThread");
        Map<String, Map<MessageQueue, Long>> offsets = admin.getConsumeStatus("orders", "G", "");
        assertThat(offsets.get(clientId)).containsEntry(new MessageQueue("orders", "tally", 0), MESSAGES / 2L);

        ConsumeMessageDirectlyResult result = admin.consumeMessageDirectly("G", clientId, "orders", id);
        assertThat(result.getConsumeResult()).isEqualTo(CMResult.CR_SUCCESS);
        assertThat(got).hasSize(MESSAGES + 1);
        assertThatThrownBy(() -> admin.getConsumerRunningInfo("G", "somebody", false))
                .hasMessageContaining("somebody of group G is not online");
    }

    @Test
    void keepsTopicsGroupsAndValuesOverARestart() throws Exception {
        TopicConfig topic = new TopicConfig("orders", 3, 2, 4);
        topic.setOrder(true);
        topic.setAttributes(Map.of("+" + TopicAttributes.TOPIC_MESSAGE_TYPE_ATTRIBUTE.getName(), "FIFO"));
        admin.createAndUpdateTopicConfig(broker.address(), topic);
        SubscriptionGroupConfig group = group("G");
        group.setRetryMaxTimes(3);
        group.setConsumeTimeoutMinute(7);
        group.setConsumeBroadcastEnable(false);
        admin.createAndUpdateSubscriptionGroupConfig(broker.address(), group);
        admin.createAndUpdateKvConfig("space", "key", "value \"quoted\" = ü");
        stop();
        start();

        TopicConfig found = admin.examineTopicConfig(broker.address(), "orders");
        assertThat(found.getReadQueueNums()).isEqualTo(3);
        assertThat(found.getWriteQueueNums()).isEqualTo(2);
        assertThat(found.getPerm()).isEqualTo(4);
        assertThat(found.isOrder()).isTrue();
        assertThat(found.getAttributes()).isEqualTo(Map.of("message.type", "FIFO"));
        assertThat(admin.examineSubscriptionGroupConfig(broker.address(), "G")).isEqualTo(group);
        assertThat(admin.getAllSubscriptionGroup(broker.address(), 30_000).getSubscriptionGroupTable())
                .containsOnlyKeys("G");
        assertThat(admin.getKVConfig("space", "key")).isEqualTo("value \"quoted\" = ü");
        admin.deleteKvConfig("space", "key");
        assertThatThrownBy(() -> admin.getKVConfig("space", "key")).hasMessageContaining("space has no key key");
    }

    @Test
    void changesAttributesOneByOne() throws Exception {
        TopicConfig topic = new TopicConfig("orders", 1, 1, 6);
        topic.setAttributes(Map.of("+a", "1", "+b", "2"));
        admin.createAndUpdateTopicConfig(broker.address(), topic);
        topic.setAttributes(Map.of("-a", "", "+c", "3"));
        admin.createAndUpdateTopicConfig(broker.address(), topic);

        assertThat(admin.examineTopicConfig(broker.address(), "orders").getAttributes())
                .isEqualTo(Map.of("b", "2", "c", "3"));
    }

    @Test
    void changesTheSettingsThatCanChangeAndRefusesOthersWhole() throws Exception {
        admin.updateBrokerConfig(broker.address(), properties("autoCreateTopicEnable", "false"));
        assertThat(admin.getBrokerConfig(broker.address())).containsEntry("autoCreateTopicEnable", "false");
        assertThatThrownBy(() -> clients.producer("P").send(OfficialClients.message("unknown", "A", "x")))
                .hasMessageContaining("No route");

        Properties several = properties("autoCreateTopicEnable", "true");
        several.setProperty("flushDiskType", "ASYNC_FLUSH");
        assertThatThrownBy(() -> admin.updateBrokerConfig(broker.address(), several))
                .hasMessageContaining("Cannot set flushDiskType to ASYNC_FLUSH")
                .hasMessageContaining("nothing changed");
        assertThat(admin.getBrokerConfig(broker.address())).containsEntry("autoCreateTopicEnable", "false");
        assertThatThrownBy(() -> admin.updateBrokerConfig(broker.address(), properties("brokerName", "other")))
                .hasMessageContaining("cannot be changed while the broker runs");
    }

    @Test
    void takesTheWritePermissionOutOfRoutesAndPutsItBack() throws Exception {
        topic("orders", 2);
        assertThat(admin.wipeWritePermOfBroker(broker.address(), "tally")).isPositive();
        assertThat(admin.examineTopicRouteInfo("orders").getQueueDatas().get(0).getPerm())
                .isEqualTo(4);
        assertThat(admin.addWritePermOfBroker(broker.address(), "tally")).isPositive();
        assertThat(admin.examineTopicRouteInfo("orders").getQueueDatas().get(0).getPerm())
                .isEqualTo(6);
    }

    @Test
    void saysWhoConsumesWhatAndSinceWhen() throws Exception {
        topic("orders", 2);
        send("orders", MESSAGES);
        awaitCount(clients.consumed("G", "orders", "*"), MESSAGES);
        await().atMost(PATIENCE).until(() -> behind("G") == 0);

        assertThat(admin.queryTopicConsumeByWho("orders").getGroupList()).containsExactly("G");
        assertThat(admin.queryTopicsByConsumer("G").getTopicList()).contains("orders");
        assertThat(admin.queryConsumeTimeSpan("orders", "G")).hasSize(2).allSatisfy(span -> {
            assertThat(span.getDelayTime()).isZero();
            assertThat(span.getConsumeTimeStamp()).isEqualTo(span.getMaxTimeStamp());
            assertThat(span.getMinTimeStamp()).isPositive().isLessThanOrEqualTo(span.getMaxTimeStamp());
        });
        assertThat(admin.examineTopicStats("orders").getOffsetTable().values())
                .allSatisfy(offset -> assertThat(offset.getMaxOffset()).isEqualTo(MESSAGES / 2));
        assertThatThrownBy(() -> admin.examineConsumerConnectionInfo("nobody"))
                .isInstanceOfSatisfying(MQBrokerException.class, e -> assertThat(e.getResponseCode())
                        .isEqualTo(ResponseCode.CONSUMER_NOT_ONLINE));
    }

    @Test
    void refusesToResumeWhatIsNoParkedHalfMessage() throws Exception {
        topic("orders", 2);
        String id = send("orders", 1).getOffsetMsgId();
        assertThat(admin.resumeCheckHalfMessage("orders", id)).isFalse();
    }

    private static Properties properties(String name, String value) {
        Properties properties = new Properties();
        properties.setProperty(name, value);
        return properties;
    }

    private static SubscriptionGroupConfig group(String name) {
        SubscriptionGroupConfig group = new SubscriptionGroupConfig();
        group.setGroupName(name);
        return group;
    }
}
