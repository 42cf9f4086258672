package dev.tally.broker.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.broker.OfficialClients;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every command of mqadmin against a broker with a topic, a producer and a consumer; what each is worth here. */
@Tag("slow")
class AdminToolTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static Broker broker;
    private static OfficialClients clients;
    private static AdminTool tool;
    private static String messageId;
    private static String uniqueKey;
    private static String consumerId;

    @BeforeAll
    static void startWithATopicAProducerAndAConsumer() throws Exception {
        broker = Broker.start(
                BrokerConfig.builder(directory.resolve("data")).port(0).build());
        clients = new OfficialClients(broker.address());
        tool = new AdminTool(broker.address());
        tool.run("updateTopic", "-c", "DefaultCluster", "-t", "orders", "-r", "2", "-w", "2");
        DefaultMQProducer producer = clients.producer("P");
        List<MessageExt> got = clients.consumed("G", "orders", "*");
        for (int i = 0; i < 4; i++) {
            Message message = OfficialClients.message("orders", "A", "hello " + i);
            message.setKeys("order-" + i);
            SendResult sent = producer.send(message, new MessageQueue("orders", "tally", i % 2));
            messageId = sent.getOffsetMsgId();
            uniqueKey = sent.getMsgId();
        }
        await().atMost(PATIENCE).until(() -> got.size() == 4);
        await().atMost(PATIENCE)
                .until(() -> tool.run("consumerProgress", "-g", "G").contains("Consume Diff Total: 0"));
        consumerId = consumerIdIn(tool.run("consumerConnection", "-g", "G"));
        for (String topic : List.of("doomed")) {
            tool.run("updateTopic", "-c", "DefaultCluster", "-t", topic);
        }
        tool.run("updateSubGroup", "-c", "DefaultCluster", "-g", "doomedGroup");
        tool.run("updateKvConfig", "-s", "doomedSpace", "-k", "k", "-v", "v");
    }

    @AfterAll
    static void stop() {
        clients.close();
        broker.close();
    }

    private static String consumerIdIn(String printed) {
        return printed.lines()
                .filter(line -> line.contains("@"))
                .map(line -> line.strip().split("\\s+")[0])
                .findFirst()
                .orElseThrow(() -> new AssertionError("No consumer in: " + printed));
    }

    private static String file(String name, String content) {
        try {
            return Files.writeString(directory.resolve(name), content, StandardCharsets.UTF_8)
                    .toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Map<String, List<String>> table() {
        String at = broker.address();
        String export = directory.resolve("export").toString();
        Map<String, List<String>> table = new LinkedHashMap<>();
        works(
                table,
                "create topic to " + at + " success",
                "updateTopic -c DefaultCluster -t made -a +message.type=FIFO");
        works(table, "success", "updateTopicList -b " + at + " -f " + file("topics.json", TOPICS));
        works(table, "delete topic [doomed] from", "deleteTopic -c DefaultCluster -t doomed");
        works(table, "success", "updateSubGroup -c DefaultCluster -g made -r 3");
        works(table, "success", "updateSubGroupList -b " + at + " -f " + file("groups.json", GROUPS));
        works(table, "success", "deleteSubGroup -c DefaultCluster -g doomedGroup");
        works(table, "success", "updateBrokerConfig -b " + at + " -k defaultTopicQueueNums -v 5");
        works(table, "update topic perm from 6 to 4", "updateTopicPerm -b " + at + " -t made2 -p 4");
        works(table, "\"brokerName\":\"tally\"", "topicRoute -t orders");
        works(table, "tally", "topicStatus -t orders");
        works(table, "DefaultCluster", "topicClusterList -t orders");
        works(table, "brokerVersionDesc", "brokerStatus -b " + at);
        works(table, "CommitLog Offset", "queryMsgById -t orders -i " + messageId);
        works(table, "OffsetID", "queryMsgByOffset -t orders -b tally -i 0 -o 0");
        works(table, uniqueKey, "queryMsgByKey -t orders -k order-3");
        works(table, "trackType=CONSUMED", "queryMsgByUniqueKey -t orders -i " + uniqueKey);
        works(table, "MSGID", "printMsg -t orders");
        works(table, "MSGID", "printMsgByQueue -t orders -a tally -i 0 -p true");
        works(table, "SEND_OK", "sendMsgStatus -b tally -s 16 -c 2");
        works(table, "Diff Total: 0", "brokerConsumeStats -b " + at);
        works(table, "V5_5_0", "producerConnection -g P -t orders");
        works(table, "MessageModel: CLUSTERING", "consumerConnection -g G");
        works(table, "Consume Diff Total: 0", "consumerProgress -g G");
        works(table, "Consumer Offset", "consumerStatus -g G -i " + consumerId);
        works(table, "success", "cloneGroupOffset -s G -d G2 -t orders");
        works(table, "producer group (P) instance", "producer -b " + at);
        works(table, "V5_5_0", "clusterList");
        works(table, "orders", "topicList");
        works(table, "success", "updateKvConfig -s space -k key -v value");
        works(table, "success", "deleteKvConfig -s doomedSpace -k k");
        works(table, "wipe write perm of broker[tally]", "wipeWritePerm -b tally");
        works(table, "add write perm of broker[tally]", "addWritePerm -b tally");
        works(table, "start reset consumer offset", "resetOffsetByTime -g made -t orders -s now");
        works(table, "tally", "skipAccumulatedMessage -g made -t orders");
        works(table, "update orderConf success", "updateOrderConf -t orders -m put -v tally:2");
        works(table, "success", "cleanExpiredCQ -b " + at);
        works(table, "success", "deleteExpiredCommitLog -b " + at);
        works(table, "success", "cleanUnusedTopic -b " + at);
        works(table, "orders", "statsAll -t orders");
        works(table, "result", "allocateMQ -t orders -i 127.0.0.1");
        works(table, "Avg RT", "checkMsgSendRT -t orders -a 2 -s 16");
        works(table, "bindAddress", "getNamesrvConfig");
        works(table, "autoCreateTopicEnable", "getBrokerConfig -b " + at);
        works(table, "retryMaxTimes", "getConsumerConfig -g G");
        works(table, "Queue data", "queryCq -t orders -q 0 -i 0 -b " + at);
        works(table, "SEND_OK", "sendMessage -t mine -p hello");
        works(table, "MSGID", "consumeMessage -t orders -c 1");
        works(table, "success", "exportMetadata -c DefaultCluster -f " + export);
        works(table, "success", "exportConfigs -c DefaultCluster -f " + export);
        works(table, "success", "exportMetrics -c DefaultCluster -f " + export);
        works(table, "set consume mode", "setConsumeMode -b " + at + " -t orders -g made -m POP -q 0");
        works(table, "#InSyncSlaveNum", "haStatus -b " + at);
        refused(table, "no further brokers", "addBroker -c " + at + " -b file");
        refused(table, "no further brokers", "removeBroker -c " + at + " -b DefaultCluster:tally:0");
        refused(table, "has no copies", "resetMasterFlushOffset -b " + at + " -o 0");
        refused(table, "start command", "updateNamesrvConfig -k a -v b");
        refused(table, "static topics", "updateStaticTopic -b tally -t fixed -qn 2");
        refused(table, "has no copies", "getSyncStateSet -a " + at + " -c DefaultCluster -b tally");
        refused(table, "has no copies", "getBrokerEpoch -b tally");
        refused(table, "has no copies", "getControllerMetaData -a " + at);
        refused(table, "has no copies", "getControllerConfig -a " + at);
        refused(table, "has no copies", "updateControllerConfig -a " + at + " -k a -v b");
        refused(table, "has no copies", "electMaster -a " + at + " -b 0 -bn tally -c DefaultCluster");
        refused(table, "has no copies", "cleanBrokerMetadata -a " + at + " -bn tally -c DefaultCluster");
        refused(table, "no cold data", "getColdDataFlowCtrInfo -b " + at);
        refused(table, "no cold data", "updateColdDataFlowCtrGroupConfig -b " + at + " -g G -v 1");
        refused(table, "no cold data", "removeColdDataFlowCtrGroupConfig -b " + at + " -g G");
        refused(table, "no cold data", "setCommitLogReadAheadMode -b " + at + " -m 1");
        refused(table, "no RocksDB", "checkRocksdbCqWriteProgress -c DefaultCluster");
        refused(table, "no lite topics", "getBrokerLiteInfo -b " + at);
        refused(table, "--accounts", "createUser -b " + at + " -u someone -p secret");
        refused(table, "--accounts", "updateUser -b " + at + " -u someone -p secret");
        refused(table, "--accounts", "deleteUser -b " + at + " -u someone");
        refused(table, "--accounts", "getUser -b " + at + " -u someone");
        refused(table, "--accounts", "listUser -b " + at);
        refused(table, "--accounts", "createAcl -b " + at + " -s User:someone -r Topic:orders -a Pub -d Allow");
        refused(table, "--accounts", "updateAcl -b " + at + " -s User:someone -r Topic:orders -a Pub -d Allow");
        refused(table, "--accounts", "deleteAcl -b " + at + " -s User:someone");
        refused(table, "--accounts", "getAcl -b " + at + " -s User:someone");
        refused(table, "--accounts", "listAcl -b " + at);
        // These print no reason.
        refused(table, "[tally] error", "getLiteClientInfo -c someone -g G -p orders");
        refused(table, "[tally] error", "getLiteGroupInfo -g G -p orders");
        refused(table, "[tally] error", "getLiteTopicInfo -l lite -p orders");
        refused(table, "[tally] error", "getParentTopicInfo -p orders");
        refused(table, "error", "triggerLiteDispatch -g G -p orders");
        refused(table, "one engine", "switchTimerEngine -b " + at + " -e F");
        return table;
    }

    /** Traces are asked for by another test; copyUser and copyAcl need two brokers; the rest reads files of a RocketMQ broker. */
    private static final Set<String> NOT_HERE = Set.of(
            "queryMsgTraceById",
            "exportPopRecord",
            "copyUser",
            "copyAcl",
            "dumpCompactionLog",
            "rocksDBConfigToJson",
            "exportMetadataInRocksDB",
            "remappingStaticTopic");

    /** They end only when they are killed. What they ask is asked by others as well. */
    private static final Set<String> ENDLESS_ONES = Set.of("startMonitoring", "clusterRT");

    private static final String TOPICS =
            "[{\"topicName\":\"made2\",\"readQueueNums\":2,\"writeQueueNums\":2,\"perm\":6},"
                    + "{\"topicName\":\"made3\",\"readQueueNums\":1,\"writeQueueNums\":1,\"perm\":6}]";
    private static final String GROUPS = "[{\"groupName\":\"made4\",\"retryMaxTimes\":2}]";

    private static void works(Map<String, List<String>> table, String expected, String line) {
        table.put(line, List.of("works", expected));
    }

    private static void refused(Map<String, List<String>> table, String reason, String line) {
        table.put(line, List.of("refused", reason));
    }

    @TestFactory
    Stream<DynamicTest> answersEachCommand() {
        return table().entrySet().stream().map(row -> {
            String line = row.getKey();
            return DynamicTest.dynamicTest(line.split(" ", 2)[0], () -> {
                String printed = tool.run(line.split(" "));
                assertThat(printed).as(line).contains(row.getValue().get(1));
                if (row.getValue().get(0).equals("works")) {
                    assertThat(printed).as(line).doesNotContain("SubCommandException");
                }
            });
        });
    }

    @Test
    void leavesNoCommandOfTheToolOut() throws ReflectiveOperationException {
        Set<String> known = new HashSet<>(NOT_HERE);
        known.addAll(ENDLESS_ONES);
        table().keySet().forEach(line -> known.add(line.split(" ", 2)[0]));
        assertThat(known).containsExactlyInAnyOrderElementsOf(AdminTool.commands());
    }

    @Test
    void showsWhatWasConfigured() {
        tool.run("updateTopic", "-c", "DefaultCluster", "-t", "shaped", "-r", "3", "-w", "2", "-o", "true");
        String route = tool.run("topicRoute", "-t", "shaped");
        assertThat(route).contains("\"readQueueNums\":3").contains("\"writeQueueNums\":2");
        assertThat(Arrays.asList(tool.run("topicList").split("\\s+"))).contains("shaped", "orders");
        assertThat(tool.run("updateOrderConf", "-t", "shaped", "-m", "get")).contains("tally:2");
    }
}
