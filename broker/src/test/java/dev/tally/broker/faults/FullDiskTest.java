package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.OfficialClients;
import dev.tally.testkit.scenario.Scenario;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker process on a file system that runs full and gets space again. */
@Needs(Means.TMPFS)
class FullDiskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TOPIC = "filling";
    /** The first two segments fit, and the third would leave less than the reserve of 64 MiB. */
    private static final int DISK_MEBIBYTES = 80;
    /** More than what is kept free in the segment for decisions. */
    private static final int LARGE = 100_000;

    private static final int SMALL = 1_000;

    @TempDir
    private Path directory;

    private SmallDisk disk;
    private RestartableBroker broker;
    private OfficialClients clients;
    private DefaultMQProducer producer;
    private TransactionMQProducer dealer;
    private WholeLog log;
    private final List<String> acknowledged = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        Path mountPoint = directory.resolve("disk");
        disk = SmallDisk.mount(mountPoint, DISK_MEBIBYTES);
        broker = new RestartableBroker(mountPoint, directory.resolve("errors.txt"), new Random());
        broker.start();
        clients = new OfficialClients(broker.address());
        producer = clients.producer("senders");
        producer.setRetryTimesWhenSendFailed(0);
        producer.createTopic("TBW102", TOPIC, 1, Map.of());
        dealer = clients.transactionProducer("dealers", new Silent());
        dealer.setRetryTimesWhenSendFailed(0);
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        dealer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        log = new WholeLog(broker.address());
    }

    @AfterEach
    void stop() throws Exception {
        log.close();
        clients.close();
        broker.kill();
        disk.close();
    }

    /** Never decides by itself. */
    private static final class Silent implements TransactionListener {
        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return LocalTransactionState.UNKNOW;
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            return LocalTransactionState.UNKNOW;
        }
    }

    private static Message message(String id, int bytes) {
        return new Message(TOPIC, "t", Arrays.copyOf((id + "|").getBytes(StandardCharsets.UTF_8), bytes));
    }

    private static Message large(String id) {
        return message(id, LARGE);
    }

    private static String id(Message message) {
        String text = new String(message.getBody(), StandardCharsets.UTF_8);
        return text.substring(0, text.indexOf('|'));
    }

    private SendResult prepare(String id) throws Exception {
        // What sendMessageInTransaction does first; it would keep back where the half message stands.
        Message half = large(id);
        MessageAccessor.putProperty(half, MessageConst.PROPERTY_TRANSACTION_PREPARED, "true");
        MessageAccessor.putProperty(half, MessageConst.PROPERTY_PRODUCER_GROUP, dealer.getProducerGroup());
        return dealer.send(half);
    }

    private void decide(String id, SendResult half, LocalTransactionState decision) throws Exception {
        dealer.getDefaultMQProducerImpl().endTransaction(large(id), half, decision, null);
    }

    /** Why the broker refuses a message now, null where it takes it. */
    private String refusal(String id, int bytes) throws Exception {
        try {
            producer.send(message(id, bytes));
            acknowledged.add(id);
            return null;
        } catch (MQClientException e) {
            return refusal(e);
        }
    }

    private static String refusal(MQClientException failure) throws MQClientException {
        if (failure.getCause() instanceof MQBrokerException refused
                && refused.getResponseCode() == ResponseCode.SERVICE_NOT_AVAILABLE) {
            return refused.getErrorMessage();
        }
        throw failure;
    }

    private String storage() throws Exception {
        return broker.process().status().path("storage").path("state").asString();
    }

    /** Large messages first, to be quick; then small ones, until nothing is left but what is kept for decisions. */
    private void fillUntilRefused() throws Exception {
        disk.fill();
        for (int bytes : new int[] {LARGE, SMALL}) {
            String refusal = null;
            for (int i = 0; refusal == null; i++) {
                assertThat(i).as("the disk is full and sends are still taken").isLessThan(300);
                refusal = refusal(bytes + "-" + i, bytes);
            }
            assertThat(refusal).contains("cannot grow", "nothing was written");
        }
        assertThat(storage()).isEqualTo("REFUSING");
    }

    @Scenario("broker-9")
    @Test
    void refusesMessagesWhileDecisionsOffsetsAndConsumingGoOnAndResumesByItself() throws Exception {
        SendResult toCommit = prepare("committed");
        SendResult toRollBack = prepare("rolled back");
        fillUntilRefused();

        assertThatThrownBy(() -> prepare("refused"))
                .rootCause()
                .isInstanceOf(MQBrokerException.class)
                .hasMessageContaining("cannot grow");
        decide("committed", toCommit, LocalTransactionState.COMMIT_MESSAGE);
        decide("rolled back", toRollBack, LocalTransactionState.ROLLBACK_MESSAGE);
        await().atMost(PATIENCE).until(() -> broker.counter("undecided") == 0);
        assertThat(broker.counter("committedByProducer")).isEqualTo(1);
        acknowledged.add("committed");
        List<MessageExt> got = clients.consumed("readers", TOPIC, "*");
        await().atMost(PATIENCE).until(() -> got.size() >= acknowledged.size());
        assertThat(got.stream().map(FullDiskTest::id)).containsExactlyInAnyOrderElementsOf(acknowledged);
        await().atMost(PATIENCE).until(() -> committedOffset("readers") == acknowledged.size());

        disk.makeRoom(400);
        await().atMost(PATIENCE).until(() -> refusal("resumed", LARGE) == null);

        assertThat(storage()).isEqualTo("OK");
        broker.kill();
        broker.start();
        assertThat(log.read(TOPIC)).hasSize(acknowledged.size());
        await().atMost(PATIENCE).until(() -> got.size() >= acknowledged.size());
        assertThat(got.stream().map(FullDiskTest::id).distinct()).containsExactlyInAnyOrderElementsOf(acknowledged);
    }

    private long committedOffset(String group) throws Exception {
        for (var one : broker.process().status().path("groups")) {
            if (one.path("name").asString().equals(group)) {
                for (var queue : one.path("queues")) {
                    if (queue.path("topic").asString().equals(TOPIC)) {
                        return queue.path("offset").asLong();
                    }
                }
            }
        }
        return 0;
    }

    @Scenario("broker-10")
    @Test
    void startsOnAFullDiskServesReadersTakesDecisionsAndResumesByItself() throws Exception {
        SendResult toCommit = prepare("committed");
        fillUntilRefused();
        broker.kill();
        broker.start();

        await().atMost(PATIENCE).ignoreExceptions().until(() -> refusal("refused", LARGE) != null);
        assertThat(log.read(TOPIC)).hasSize(acknowledged.size());
        decide("committed", toCommit, LocalTransactionState.COMMIT_MESSAGE);
        acknowledged.add("committed");
        await().atMost(PATIENCE).until(() -> broker.counter("undecided") == 0);
        assertThat(log.read(TOPIC)).hasSize(acknowledged.size());

        disk.makeRoom(400);
        await().atMost(PATIENCE).until(() -> refusal("resumed", LARGE) == null);
        assertThat(log.read(TOPIC)).hasSize(acknowledged.size());
    }

    @Scenario("broker-10")
    @Test
    void doesNotStartWhereNotEvenTheFirstSegmentFitsSaysSoAndStartsWhenItFits() throws Exception {
        broker.kill();
        try (SmallDisk tiny = SmallDisk.mount(directory.resolve("tiny"), 2);
                RestartableBroker first = new RestartableBroker(
                        directory.resolve("tiny"), directory.resolve("tiny-errors.txt"), new Random())) {
            tiny.fill();
            assertThat(first.launch().awaitExit()).isEqualTo(1);
            assertThat(first.complaints()).singleElement().satisfies(line -> assertThat(line)
                    .contains(first.data().toString(), "No space left on device"));

            tiny.makeRoom(100);
            first.start();
            first.kill();
        }
    }
}
