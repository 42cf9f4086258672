package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.HeaderForm;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.store.TopicConfig;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts and permissions, with the official client's hook on the other side. */
class AccessTest {

    private static final String ACCOUNTS = """
            accounts:
              - accessKey: operator-1
                secretKey: operator-secret
                admin: true
              - accessKey: shop-app
                secretKey: 0012345678
                defaultTopicPerm: DENY
                defaultGroupPerm: DENY
                topicPerms:
                  - orders=PUB|SUB
                  - audit=PUB
                groupPerms:
                  - shop=SUB
              - accessKey: snooper
                secretKey: snooper-secret
                topicPerms:
                  - own=PUB|SUB
                groupPerms:
                  - snoop=SUB
            """;

    @TempDir
    private Path directory;

    private Path accounts;
    private Broker broker;

    @BeforeEach
    void startBroker() throws Exception {
        accounts = directory.resolve("accounts.yml");
        Files.writeString(accounts, ACCOUNTS);
        broker = Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .accounts(accounts)
                .reloadInterval(Duration.ofMillis(50))
                .checkImmunity(Duration.ofMillis(300))
                .checkInterval(Duration.ofMillis(300))
                .build());
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    private OfficialClients clients(String accessKey, String secretKey) {
        return new OfficialClients(
                broker.address(), client -> {}, new AclClientRPCHook(new SessionCredentials(accessKey, secretKey)));
    }

    private OfficialClients shop() {
        return clients("shop-app", "0012345678");
    }

    private OfficialClients snooper() {
        return clients("snooper", "snooper-secret");
    }

    /** A request as the official client's hook signs it. */
    private static byte[] signed(String accessKey, String secretKey, int code, String body, Object... fields) {
        RemotingCommand command = RemotingCommand.createRequestCommand(code, null);
        HashMap<String, String> ext = new HashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            ext.put(fields[i].toString(), fields[i + 1].toString());
        }
        command.setExtFields(ext);
        command.setBody(body.getBytes(StandardCharsets.UTF_8));
        new AclClientRPCHook(new SessionCredentials(accessKey, secretKey)).doBeforeRequest("", command);
        List<Object> all = new ArrayList<>();
        command.getExtFields().forEach((name, value) -> {
            all.add(name);
            all.add(value);
        });
        return RawClient.frame(HeaderForm.JSON, code, body, all.toArray());
    }

    private Command call(byte[] request) throws IOException {
        try (RawClient client = new RawClient(broker.address())) {
            return client.call(request);
        }
    }

    private Map<String, Object> state() {
        return Map.of(
                "messages",
                broker.stats().messages() + broker.stats().halves(),
                "decisions",
                broker.stats().committedByProducer() + broker.stats().rolledBackByProducer(),
                "topics",
                broker.store().topics().stream().map(TopicConfig::name).sorted().toList(),
                "groups",
                broker.store().groups().size());
    }

    private List<String> consumeTwice(OfficialClients clients) throws Exception {
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer("shop", "orders", "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt first = messages.get(0);
            got.add(OfficialClients.text(first) + " " + first.getReconsumeTimes());
            return first.getReconsumeTimes() == 0
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return got;
    }

    @Test
    void signedClientsProduceDecideConsumeAndSendBackWhatTheyMay() throws Exception {
        try (OfficialClients clients = shop()) {
            DefaultMQProducer producer = clients.producer("makers");
            producer.send(OfficialClients.message("orders", "t", "plain"));
            producer.send(List.of(OfficialClients.message("orders", "t", "batched")));
            var deciding = clients.transactionProducer("deciders", new Undecided(new AtomicInteger()));
            deciding.sendMessageInTransaction(OfficialClients.message("orders", "t", "asked"), null);

            List<String> got = consumeTwice(clients);

            await().atMost(Duration.ofSeconds(120)).untilAsserted(() -> assertThat(got)
                    .contains("plain 0", "batched 0", "asked 0", "plain 1", "batched 1", "asked 1"));
            assertThat(broker.stats().committedByCheckBack()).isEqualTo(1);
        }
    }

    @Scenario("broker-44")
    @Test
    void refusesWhoIsNotWhoHeSaysAndTellsNothingAndDoesNothing() throws Exception {
        try (OfficialClients clients = shop()) {
            clients.producer("makers").send(OfficialClients.message("orders", "t", "x"));
        }
        Map<String, Object> before = state();
        Object[] send = {"a", "p", "b", "orders", "c", "TBW102", "d", 4, "e", 0, "f", 0, "g", 1, "h", 0, "j", 0};
        int code = RequestCode.SEND_MESSAGE_V2;
        byte[] good = signed("shop-app", "0012345678", code, "body", send);
        byte[] otherBody = good.clone();
        otherBody[otherBody.length - 1]++;

        List<Command> refused = List.of(
                call(RawClient.frame(HeaderForm.JSON, code, "body", send)),
                call(signed("shop-app", "wrong-secret", code, "body", send)),
                call(signed("nobody-here", "0012345678", code, "body", send)),
                call(otherBody));

        assertThat(refused).allSatisfy(answer -> {
            assertThat(answer.code()).isEqualTo(ResponseCode.NO_PERMISSION);
            assertThat(answer.remark()).startsWith("Request refused: ").doesNotContain("orders");
        });
        assertThat(refused.subList(1, 4))
                .extracting(Command::remark)
                .containsOnly(refused.get(1).remark());
        assertThat(state()).isEqualTo(before);
        assertThat(call(good).code()).isEqualTo(ResponseCode.SUCCESS);
    }

    @Scenario("broker-44")
    @Test
    void refusesWhatAnAccountMayNotWithoutTellingWhatExists() throws Exception {
        SendResult hidden;
        try (OfficialClients clients = shop()) {
            hidden = clients.producer("makers").send(OfficialClients.message("orders", "t", "secret"));
        }
        Map<String, Object> before = state();
        for (int code : List.of(
                RequestCode.GET_ROUTE_BY_TOPIC,
                RequestCode.GET_TOPIC_CONFIG,
                RequestCode.GET_MAX_OFFSET,
                RequestCode.PULL_MESSAGE,
                RequestCode.LITE_PULL_MESSAGE,
                RequestCode.QUERY_CONSUMER_OFFSET,
                RequestCode.UPDATE_CONSUMER_OFFSET,
                RequestCode.SEND_MESSAGE,
                RequestCode.RECALL_MESSAGE,
                RequestCode.UPDATE_AND_CREATE_TOPIC,
                RequestCode.DELETE_TOPIC_IN_BROKER,
                RequestCode.GET_ALL_TOPICS_FROM_NAME_SERVER,
                99_999)) {
            Command there = call(asSnooper(code, "orders"));
            Command absent = call(asSnooper(code, "absent"));
            assertThat(there.code()).as("code " + code).isEqualTo(ResponseCode.NO_PERMISSION);
            assertThat(absent.code()).isEqualTo(there.code());
            assertThat(String.valueOf(absent.remark()).replace("absent", "orders"))
                    .isEqualTo(there.remark());
        }
        long position = Long.parseLong(hidden.getOffsetMsgId().substring(16), 16);
        for (int code : List.of(
                RequestCode.VIEW_MESSAGE_BY_ID, RequestCode.CONSUMER_SEND_MESSAGE_BACK, RequestCode.END_TRANSACTION)) {
            Command there = call(byPosition(code, position));
            Command absent = call(byPosition(code, position + 1));
            assertThat(there.code()).as("code " + code).isEqualTo(ResponseCode.NO_PERMISSION);
            assertThat(String.valueOf(absent.remark()).replace("" + (position + 1), "" + position))
                    .isEqualTo(there.remark());
        }
        assertThat(state()).isEqualTo(before);
        assertThat(call(signed("operator-1", "operator-secret", RequestCode.VIEW_MESSAGE_BY_ID, "", "offset", position))
                        .code())
                .isEqualTo(ResponseCode.SUCCESS);
    }

    private static byte[] asSnooper(int code, String topic) {
        return signed(
                "snooper",
                "snooper-secret",
                code,
                "",
                "topic",
                topic,
                "consumerGroup",
                "snoop",
                "producerGroup",
                "p",
                "queueId",
                0,
                "queueOffset",
                0,
                "commitOffset",
                7,
                "maxMsgNums",
                8);
    }

    private static byte[] byPosition(int code, long position) {
        return signed(
                "snooper",
                "snooper-secret",
                code,
                "",
                "offset",
                position,
                "commitLogOffset",
                position,
                "group",
                "snoop",
                "producerGroup",
                "makers",
                "commitOrRollback",
                8,
                "delayLevel",
                0);
    }

    @Test
    void subscriptionsOfOthersTopicsAndGroupsAreRefused() throws Exception {
        String heartbeat =
                "{\"clientID\":\"c\",\"consumerDataSet\":[{\"groupName\":\"%s\",\"subscriptionDataSet\":[{\"topic\":\"%s\"}]}]}";
        for (String body : List.of(heartbeat.formatted("shop", "own"), heartbeat.formatted("snoop", "orders"))) {
            assertThat(call(signed("snooper", "snooper-secret", RequestCode.HEART_BEAT, body))
                            .code())
                    .isEqualTo(ResponseCode.NO_PERMISSION);
        }
        assertThat(call(signed(
                                "snooper",
                                "snooper-secret",
                                RequestCode.HEART_BEAT,
                                heartbeat.formatted("snoop", "own")))
                        .code())
                .isEqualTo(ResponseCode.SUCCESS);
        assertThat(broker.store().topic("%RETRY%shop")).isNull();
    }

    @Test
    void halfMessagesAreShownOnlyToProducersThatMayPublishToTheirTopic() throws Exception {
        AtomicInteger shown = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        try (OfficialClients strangers = snooper()) {
            // The client sends its heartbeat to brokers that it knows from a send.
            strangers
                    .transactionProducer("deciders", new Undecided(shown))
                    .send(OfficialClients.message("own", "t", "x"));
            try (OfficialClients clients = shop()) {
                clients.transactionProducer("deciders", new Undecided(asked))
                        .sendMessageInTransaction(OfficialClients.message("orders", "t", "secret"), null);
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> broker.stats().committedByCheckBack() == 1);
                assertThat(asked).hasPositiveValue();
            }
            try (OfficialClients clients = shop()) {
                var producer = clients.transactionProducer("deciders", new Undecided(asked));
                producer.sendMessageInTransaction(OfficialClients.message("orders", "t", "left alone"), null);
            }
            // Nobody is left who may be asked: three rounds go by.
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            assertThat(shown).hasValue(0);
        }
    }

    @Test
    void aChangedFileCountsForStandingConnectionsAndABrokenOneChangesNothing() throws Exception {
        try (OfficialClients clients = shop()) {
            DefaultMQProducer producer = clients.producer("makers");
            producer.send(OfficialClients.message("orders", "t", "1"));

            Files.writeString(accounts, ACCOUNTS.replace("orders=PUB|SUB", "orders=SUB"));
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThatThrownBy(
                            () -> producer.send(OfficialClients.message("orders", "t", "2")))
                    .isInstanceOfSatisfying(MQClientException.class, e -> assertThat(e.getResponseCode())
                            .isEqualTo(ResponseCode.NO_PERMISSION)));

            Files.writeString(accounts, ACCOUNTS.replace("orders=PUB|SUB", "orders=ALL"));
            await().pollDelay(Duration.ofMillis(500)).until(() -> true);
            assertThatThrownBy(() -> producer.send(OfficialClients.message("orders", "t", "3")))
                    .isInstanceOf(MQClientException.class);

            Files.writeString(accounts, ACCOUNTS);
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> producer.send(OfficialClients.message("orders", "t", "4")) != null);
        }
    }

    @Test
    void trustedAddressesNeedNoAccount() throws Exception {
        Files.writeString(accounts, "globalWhiteRemoteAddresses:\n  - 127.0.0.*\n");
        try (OfficialClients clients = new OfficialClients(broker.address())) {
            DefaultMQProducer producer = clients.producer("makers");
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> producer.send(OfficialClients.message("orders", "t", "1")) != null);
        }
    }

    @Test
    void aBadAccountFileStopsTheStartWithOneLine() throws Exception {
        Path bad = directory.resolve("bad.yml");
        Files.writeString(bad, "accounts:\n  - accessKey: shop-app\n    secretKey: 12345678\n    admn: true\n");
        assertThatThrownBy(() -> Broker.start(BrokerConfig.builder(directory.resolve("other"))
                        .accounts(bad)
                        .build()))
                .isInstanceOf(BrokerStartException.class)
                .hasMessage("Cannot use account file " + bad + ", line 4: 'admn' is not known here");
        assertThatThrownBy(() -> Broker.start(BrokerConfig.builder(directory.resolve("other"))
                        .accounts(directory.resolve("none.yml"))
                        .build()))
                .hasMessageContaining("none.yml: it does not exist");
    }

    private record Undecided(AtomicInteger asked) implements TransactionListener {
        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return LocalTransactionState.UNKNOW;
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            asked.incrementAndGet();
            return LocalTransactionState.COMMIT_MESSAGE;
        }
    }
}
