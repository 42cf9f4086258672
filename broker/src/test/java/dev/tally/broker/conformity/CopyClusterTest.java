package dev.tally.broker.conformity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.broker.OfficialClients;
import dev.tally.broker.transfer.Copy;
import dev.tally.broker.transfer.CopyOptions;
import dev.tally.broker.transfer.CopyResult;
import dev.tally.broker.transfer.Endpoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.io.TempDir;

/** A user moves from our broker to a cluster, and back to one of our brokers, with the official clients. */
final class CopyClusterTest {

    private static final int QUEUES = 4;
    private static final String NUMBER = "number";

    @TempDir
    private Path directory;

    private Broker start(String name) {
        return Broker.start(BrokerConfig.builder(directory.resolve(name))
                .delayLevels(Targets.delayLevels())
                .build());
    }

    private CopyResult copy(String from, String to, String topic, String group, List<String> lines) throws Exception {
        CopyOptions options = new CopyOptions(
                Endpoint.of(from),
                Endpoint.of(to),
                null,
                List.of(topic),
                false,
                List.of(group),
                false,
                directory.resolve("copy-" + from.replace(':', '-') + ".json"),
                false,
                4,
                Duration.ZERO,
                Duration.ofSeconds(60),
                30);
        try (Copy copy = new Copy(options, lines::add)) {
            return copy.run();
        }
    }

    private static Map<String, String> send(OfficialClients clients, String broker, String topic, int first, int count)
            throws Exception {
        DefaultMQProducer producer = clients.producer("copy-senders");
        Map<String, String> ids = new HashMap<>();
        for (int i = first; i < first + count; i++) {
            Message message = message(topic, i);
            SendResult result = producer.send(message, new MessageQueue(topic, broker, i % QUEUES));
            ids.put(Integer.toString(i), result.getMsgId());
        }
        return ids;
    }

    private static Message message(String topic, int number) {
        Message message = new Message(
                topic, "tag-" + number % 3, "key-" + number, ("m" + number).getBytes(StandardCharsets.UTF_8));
        message.putUserProperty(NUMBER, Integer.toString(number));
        message.setFlag(number);
        return message;
    }

    /** A member of the group that takes some, commits that, and leaves. */
    private static Set<String> consumeSome(OfficialClients clients, String topic, String group, int count)
            throws Exception {
        DefaultLitePullConsumer consumer = clients.litePull(group);
        consumer.setAutoCommit(false);
        consumer.setPullBatchSize(5);
        consumer.subscribe(topic, "*");
        consumer.start();
        Set<String> numbers = new HashSet<>();
        Trial.eventually(() -> {
            consumer.poll(1000).forEach(message -> numbers.add(message.getUserProperty(NUMBER)));
            return numbers.size() >= count;
        });
        consumer.commitSync();
        consumer.shutdown();
        return numbers;
    }

    private static void assertKept(MessageExt message, Map<String, String> ids, String brokerTopic) {
        String number = message.getUserProperty(NUMBER);
        int n = Integer.parseInt(number);
        assertThat(message.getMsgId()).isEqualTo(ids.get(number));
        assertThat(message.getTags()).isEqualTo("tag-" + n % 3);
        assertThat(message.getKeys()).isEqualTo("key-" + n);
        assertThat(OfficialClients.text(message)).isEqualTo("m" + n);
        assertThat(message.getFlag()).isEqualTo(n);
        assertThat(message.getTopic()).isEqualTo(brokerTopic);
        assertThat(message.getQueueId()).isEqualTo(n % QUEUES);
    }

    @OnEachTarget
    void aGroupGoesOnExactlyWhereItStoodAtAClusterAndBackAgain(Trial trial) throws Exception {
        String topic = trial.name();
        String group = trial.name() + "-group";
        Map<String, String> ids = new HashMap<>();
        Set<String> consumed = new HashSet<>();
        List<String> lines = new CopyOnWriteArrayList<>();
        try (Broker home = start("home")) {
            try (OfficialClients clients = new OfficialClients(home.address())) {
                DefaultMQProducer producer = clients.producer("makers");
                producer.createTopic("TBW102", topic, QUEUES, Map.of());
                ids.putAll(send(clients, "tally", topic, 0, 100));
                consumed.addAll(consumeSome(clients, topic, group, 40));
                Message retry = message("%RETRY%" + group, 500);
                MessageAccessor.putProperty(retry, MessageConst.PROPERTY_RETRY_TOPIC, topic);
                producer.send(retry);
            }
            assertThat(consumed).hasSizeBetween(40, 99);

            assertThat(copy(home.address(), trial.address(), topic, group, lines)
                            .complete())
                    .as(lines.toString())
                    .isTrue();
            trial.awaitRoute(topic);

            List<MessageExt> got = trial.clients().consumed(group, topic, "*");
            Trial.eventually(() -> got.size() >= 101 - consumed.size());
            assertThat(got.stream().map(message -> message.getUserProperty(NUMBER)))
                    .doesNotHaveDuplicates()
                    .doesNotContainAnyElementsOf(consumed)
                    .hasSize(101 - consumed.size())
                    .contains("500");
            got.stream()
                    .filter(message -> !message.getUserProperty(NUMBER).equals("500"))
                    .forEach(message -> assertKept(message, ids, topic));
            // The consumer's positions get to the broker when it leaves.
            trial.clients().close();
        }

        try (OfficialClients clients = trial.clients(client -> {})) {
            String broker = trial.awaitRoute(topic).get(0).getBrokerName();
            ids.putAll(send(clients, broker, topic, 100, 60));
            consumed.clear();
            consumed.addAll(consumeSome(clients, topic, group, 20));
        }
        lines.clear();
        try (Broker back = start("back");
                OfficialClients clients = new OfficialClients(back.address())) {
            assertThat(copy(trial.address(), back.address(), topic, group, lines)
                            .complete())
                    .as(lines.toString())
                    .isTrue();
            assertThat(lines).anyMatch(line -> line.contains("COMPLETE: 161 messages"));

            List<MessageExt> got = clients.consumed(group, topic, "*");
            Trial.eventually(() -> got.size() >= 60 - consumed.size());
            assertThat(got.stream().map(message -> message.getUserProperty(NUMBER)))
                    .doesNotHaveDuplicates()
                    .doesNotContainAnyElementsOf(consumed)
                    .hasSize(60 - consumed.size());
            got.forEach(message -> assertKept(message, ids, topic));

            // Everything that there ever was is there, in order.
            List<MessageExt> all = clients.consumed(group + "-new", topic, "*");
            Trial.eventually(() -> all.size() >= 160);
            for (int queue = 0; queue < QUEUES; queue++) {
                int wanted = queue;
                assertThat(all.stream()
                                .filter(message -> message.getQueueId() == wanted)
                                .sorted((a, b) -> Long.compare(a.getQueueOffset(), b.getQueueOffset()))
                                .map(message -> Integer.parseInt(message.getUserProperty(NUMBER))))
                        .isSorted()
                        .hasSize(40);
            }
        }
    }
}
