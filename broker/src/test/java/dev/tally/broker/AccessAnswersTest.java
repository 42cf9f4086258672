package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.TopicConfig;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every request there is, sent by those who may not: what exists and what does not gets the same answer. Names that exist
 * and names that do not have the same length, so that answers are the same but for the name.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessAnswersTest {

    private static final String ACCOUNTS = """
            accounts:
              - accessKey: operator-1
                secretKey: operator-secret
                admin: true
              - accessKey: snooper
                secretKey: snooper-secret
                topicPerms:
                  - owned1=PUB|SUB
                groupPerms:
                  - snoops=SUB
            """;
    private static final String TOPIC = "orders";
    private static final String NO_TOPIC = "absent";
    private static final String OWN_TOPIC = "owned1";
    private static final String GROUP = "seller";
    private static final String NO_GROUP = "nobody";
    private static final String OWN_GROUP = "snoops";

    /** Bodies of the requests that have one; T and G stand for topic and group. */
    private static final Map<Integer, String> BODIES = Map.of(
            RequestCode.HEART_BEAT,
            "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"G\",\"subscriptionDataSet\":[{\"topic\":\"T\"}]}]}",
            RequestCode.LOCK_BATCH_QUEUES,
            "{\"consumerGroup\":\"G\",\"clientId\":\"c\",\"mqSet\":[{\"topic\":\"T\",\"brokerName\":\"tally\",\"queueId\":0}]}",
            RequestCode.UNLOCK_BATCH_QUEUES,
            "{\"consumerGroup\":\"G\",\"clientId\":\"c\",\"mqSet\":[{\"topic\":\"T\",\"brokerName\":\"tally\",\"queueId\":0}]}",
            RequestCode.CHECK_CLIENT_CONFIG,
            "{\"clientId\":\"c\",\"group\":\"G\",\"subscriptionData\":{\"topic\":\"T\",\"subString\":\"*\"}}",
            RequestCode.QUERY_ASSIGNMENT,
            "{\"consumerGroup\":\"G\",\"topic\":\"T\",\"clientId\":\"c\",\"messageModel\":\"CLUSTERING\",\"strategyName\":\"AVG\"}",
            RequestCode.BATCH_ACK_MESSAGE,
            "{\"acks\":[{\"c\":\"G\",\"t\":\"T\",\"r\":\"0\",\"so\":0,\"q\":0,\"rq\":0,\"pt\":1,\"b\":\"Bw==\"}]}",
            RequestCode.SET_MESSAGE_REQUEST_MODE,
            "{\"consumerGroup\":\"G\",\"topic\":\"T\",\"mode\":\"POP\",\"popShareQueueNum\":0}",
            RequestCode.UPDATE_AND_CREATE_SUBSCRIPTION_GROUP,
            "{\"groupName\":\"G\"}",
            RequestCode.UPDATE_AND_CREATE_TOPIC_LIST,
            "{\"topicConfigList\":[{\"topicName\":\"T\",\"readQueueNums\":1,\"writeQueueNums\":1,\"perm\":6}]}");

    /**
     * What tells nothing about topics and consumer groups whatever it is asked. Two of them tell numbers of a producer
     * group, for which any account may answer check-backs.
     */
    private static final Set<Integer> FREE = Set.of(
            RequestCode.GET_BROKER_CLUSTER_INFO, RequestCode.OLDEST_HALF_MESSAGE, RequestCode.COUNT_HALF_MESSAGES);

    @TempDir
    private static Path directory;

    private Broker broker;

    @BeforeAll
    void startBroker() throws Exception {
        Path accounts = directory.resolve("accounts.yml");
        Files.writeString(accounts, ACCOUNTS);
        broker = Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .accounts(accounts)
                .build());
        try (OfficialClients clients = new OfficialClients(
                broker.address(),
                client -> {},
                new AclClientRPCHook(new SessionCredentials("operator-1", "operator-secret")))) {
            var producer = clients.producer("makers");
            for (String topic : List.of(TOPIC, OWN_TOPIC)) {
                producer.createTopic("TBW102", topic, 4, Map.of());
                producer.send(OfficialClients.message(topic, "t", "x"));
            }
            for (String group : List.of(GROUP, OWN_GROUP)) {
                DefaultMQPushConsumer consumer = clients.consumer(group, group.equals(GROUP) ? TOPIC : OWN_TOPIC, "*");
                consumer.registerMessageListener(
                        (MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
                consumer.start();
            }
        }
    }

    @AfterAll
    void stopBroker() {
        broker.close();
    }

    private static List<Integer> codes() {
        return Arrays.stream(RequestCode.class.getFields())
                .filter(field -> field.getType() == int.class)
                .map(AccessAnswersTest::value)
                .sorted()
                .toList();
    }

    private static int value(Field field) {
        try {
            return field.getInt(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    /** A request of that code about a topic and a group, wherever it may name them, as the official hook signs it. */
    private Command call(String accessKey, String secretKey, int code, String topic, String group) throws IOException {
        return call(accessKey, secretKey, code, topic, group, false);
    }

    private Command call(String accessKey, String secretKey, int code, String topic, String group, boolean several)
            throws IOException {
        String body = BODIES.getOrDefault(code, "")
                .replace("\"T\"", "\"" + topic + "\"")
                .replace("\"G\"", "\"" + group + "\"");
        HashMap<String, String> fields = new HashMap<>();
        for (String name : several ? List.of("topic", "b", "topicList") : List.of("topic", "b")) {
            fields.put(name, topic);
        }
        for (String name : List.of("consumerGroup", "group", "groupName", "srcGroup", "destGroup", "compareGroup")) {
            fields.put(name, group);
        }
        fields.putAll(Map.of("a", "makers", "producerGroup", "makers", "d", "4", "e", "0", "c", "TBW102", "f", "0"));
        fields.putAll(Map.of("g", "1", "h", "0", "j", "0", "queueId", "0", "queueOffset", "0", "commitOffset", "1"));
        fields.putAll(Map.of("maxMsgNums", "8", "sysFlag", "4", "subscription", "*", "subVersion", "0"));
        fields.putAll(Map.of("suspendTimeoutMillis", "0", "offset", "0", "commitLogOffset", "0", "timestamp", "0"));
        fields.putAll(Map.of("invisibleTime", "1000", "pollTime", "0", "bornTime", "0", "initMode", "0"));
        fields.putAll(
                Map.of("extraInfo", "0 1 1000 0 0 tally 0 0", "delayLevel", "0", "clientID", "c", "clientId", "c"));
        fields.putAll(Map.of("key", "k", "maxNum", "1", "beginTimestamp", "0", "endTimestamp", "9999999999999"));
        fields.putAll(
                Map.of("readQueueNums", "1", "writeQueueNums", "1", "perm", "6", "isForce", "true", "count", "1"));
        fields.putAll(Map.of("index", "0", "cluster", "DefaultCluster", "brokerName", "tally", "namespace", "n"));
        fields.putAll(Map.of("value", "v", "statsName", "TOPIC_PUT_NUMS", "statsKey", topic, "commitOrRollback", "8"));
        RemotingCommand command = RemotingCommand.createRequestCommand(code, null);
        command.setExtFields(fields);
        command.setBody(body.getBytes(StandardCharsets.UTF_8));
        new AclClientRPCHook(new SessionCredentials(accessKey, secretKey)).doBeforeRequest("", command);
        List<Object> pairs = new ArrayList<>();
        command.getExtFields().forEach((name, value) -> {
            pairs.add(name);
            pairs.add(value);
        });
        try (RawClient client = new RawClient(broker.address())) {
            return client.call(RawClient.frame(HeaderForm.JSON, code, body, pairs.toArray()));
        }
    }

    /** All of an answer as text, names that are asked for made alike. */
    private static String whole(Command answer) {
        String text =
                answer.code() + " " + answer.remark() + " " + answer.fields().asMap() + " "
                        + StandardCharsets.UTF_8.decode(answer.body().duplicate());
        return text.replace(NO_TOPIC, TOPIC).replace(NO_GROUP, GROUP);
    }

    private Map<String, Object> state() {
        return Map.of(
                "topics",
                broker.store().topics().stream().map(TopicConfig::name).sorted().toList(),
                "messages",
                broker.store().maxOffset(TOPIC, 0) + broker.store().maxOffset(TOPIC, 1),
                "groups",
                broker.store().groups().size(),
                "offsets",
                broker.store().committedOffsets(GROUP),
                "popped",
                broker.store().poppedInFlight());
    }

    @Scenario("broker-44")
    @ParameterizedTest
    @MethodSource("codes")
    void whoIsNotKnownLearnsNothingWhateverHeAsks(int code) throws Exception {
        Map<String, Object> before = state();
        Set<String> answers = new HashSet<>();
        for (String topic : List.of(TOPIC, NO_TOPIC)) {
            for (String group : List.of(GROUP, NO_GROUP)) {
                answers.add(whole(call("no-account", "snooper-secret", code, topic, group)));
                answers.add(whole(call("snooper", "not-the-secret", code, topic, group)));
                answers.add(whole(call("operator-1", "not-the-secret", code, topic, group)));
            }
        }
        assertThat(answers).hasSize(1).allMatch(answer -> answer.startsWith(ResponseCode.NO_PERMISSION + " "));
        assertThat(state()).isEqualTo(before);
    }

    @Scenario("broker-44")
    @ParameterizedTest
    @MethodSource("codes")
    void whoMayNotLearnsNeitherOfTopicsNorOfGroupsWhetherTheyExist(int code) throws Exception {
        Map<String, Object> before = state();
        Command ofBoth = snoop(code, TOPIC, GROUP);
        assertThat(whole(snoop(code, NO_TOPIC, NO_GROUP))).as("both").isEqualTo(whole(ofBoth));
        assertThat(whole(snoop(code, NO_TOPIC, OWN_GROUP)))
                .as("topics")
                .isEqualTo(whole(snoop(code, TOPIC, OWN_GROUP)));
        assertThat(whole(snoop(code, OWN_TOPIC, NO_GROUP)))
                .as("groups")
                .isEqualTo(whole(snoop(code, OWN_TOPIC, GROUP)));
        assertThat(whole(call("snooper", "snooper-secret", code, NO_TOPIC, OWN_GROUP, true)))
                .as("topics in lists")
                .isEqualTo(whole(call("snooper", "snooper-secret", code, TOPIC, OWN_GROUP, true)));
        if (!FREE.contains(code)) {
            assertThat(ofBoth.code()).isEqualTo(ResponseCode.NO_PERMISSION);
        }
        assertThat(StandardCharsets.UTF_8.decode(ofBoth.body().duplicate()).toString())
                .doesNotContain(TOPIC, GROUP);
        assertThat(state()).isEqualTo(before);
    }

    private Command snoop(int code, String topic, String group) throws IOException {
        return call("snooper", "snooper-secret", code, topic, group);
    }
}
