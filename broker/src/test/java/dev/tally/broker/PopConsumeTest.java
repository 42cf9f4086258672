package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.AckResult;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.consumer.PopStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Official clients that pop. */
class PopConsumeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TOPIC = "letters";
    private static final String GROUP = "openers";
    private static final long LONG = 60_000;

    @TempDir
    private Path data;

    private Broker broker;
    private OfficialClients clients;
    private DefaultMQProducer producer;
    private PopClient popper;

    @BeforeEach
    void start() throws Exception {
        broker = Broker.start(BrokerConfig.builder(data).build());
        clients = new OfficialClients(broker.address());
        producer = clients.producer("senders");
        popper = new PopClient(producer, broker.address(), TOPIC, GROUP);
    }

    @AfterEach
    void stop() {
        clients.close();
        broker.close();
    }

    private void send(String... texts) throws Exception {
        for (String text : texts) {
            producer.send(OfficialClients.message(TOPIC, "t", text), (queues, m, a) -> queues.get(0), null);
        }
    }

    private List<MessageExt> popAll(int count, long invisibleMillis) throws Exception {
        List<MessageExt> got = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (got.size() < count && System.nanoTime() < deadline) {
            PopResult popped = popper.pop(-1, 32, invisibleMillis, 5_000, false, null);
            if (popped.getPopStatus() == PopStatus.FOUND) {
                got.addAll(popped.getMsgFoundList());
            }
        }
        return got;
    }

    private DefaultMQPushConsumer popping(String group, MessageListenerConcurrently listener) throws Exception {
        DefaultMQPushConsumer consumer = clients.consumer(group, TOPIC, "*");
        consumer.setClientRebalance(false);
        consumer.registerMessageListener(listener);
        return consumer;
    }

    @Test
    void pushConsumersThatPopGetEachMessageOnceAndLeaveNothingUndone() throws Exception {
        send("first");
        popper.setMode(MessageRequestMode.POP);
        List<String> got = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 2; i++) {
            popping(GROUP, (messages, context) -> {
                        got.addAll(OfficialClients.texts(messages));
                        return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
                    })
                    .start();
        }
        Set<String> sent = new TreeSet<>(Set.of("first"));
        for (int i = 0; i < 100; i++) {
            producer.send(OfficialClients.message(TOPIC, "t", "m" + i));
            sent.add("m" + i);
        }
        await().atMost(PATIENCE).until(() -> got.size() >= sent.size());
        assertThat(got).containsExactlyInAnyOrderElementsOf(sent);
        await().atMost(PATIENCE).until(() -> broker.store().poppedInFlight() == 0);
        for (int queue = 0; queue < 4; queue++) {
            long end = broker.store().maxOffset(TOPIC, queue);
            if (end > 0) {
                assertThat(broker.store().committedOffset(GROUP, TOPIC, queue)).hasValue(end);
            }
        }
    }

    @Test
    void aPushConsumerThatPopsGetsWhatItFailedAtAgain() throws Exception {
        send("stubborn");
        popper.setMode(MessageRequestMode.POP);
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        Set<String> topics = new ConcurrentSkipListSet<>();
        DefaultMQPushConsumer consumer = popping(GROUP, (messages, context) -> {
            MessageExt message = messages.get(0);
            attempts.add(message.getReconsumeTimes());
            topics.add(message.getTopic());
            // The first of the client's pop delays is 10 seconds.
            return attempts.size() < 2
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        await().atMost(PATIENCE).until(() -> attempts.size() == 2);
        assertThat(attempts).containsExactly(0, 1);
        assertThat(topics).containsExactly(TOPIC);
        await().atMost(PATIENCE).until(() -> broker.store().poppedInFlight() == 0);
        assertThat(broker.store().committedOffset(GROUP, "%RETRY%" + GROUP + "_" + TOPIC, 0))
                .hasValue(1);
    }

    @Scenario("broker-30")
    @Test
    void givesAnotherConsumerWhatTheFirstDidNotAcknowledgeAndRefusesItsOldReceipt() throws Exception {
        send("urgent");
        MessageExt first = popAll(1, 1_000).get(0);
        MessageExt second = popAll(1, LONG).get(0);

        assertThat(second.getMsgId()).isEqualTo(first.getMsgId());
        assertThat(second.getTopic()).isEqualTo(TOPIC);
        assertThat(second.getReconsumeTimes()).isEqualTo(1);
        assertThat(popper.acknowledge(first).getStatus()).isEqualTo(AckStatus.NO_EXIST);
        assertThat(broker.store().poppedInFlight()).isEqualTo(1);
        assertThat(popper.acknowledge(second).getStatus()).isEqualTo(AckStatus.OK);
        assertThat(broker.store().poppedInFlight()).isZero();
    }

    @Scenario("broker-31")
    @Test
    void repeatsAnAcknowledgementAndRefusesForeignAndLateOnes() throws Exception {
        send("one", "two", "three");
        List<MessageExt> got = popAll(3, LONG);
        assertThat(popper.acknowledge(got.get(0)).getStatus()).isEqualTo(AckStatus.OK);
        assertThat(popper.acknowledge(got.get(0)).getStatus()).as("twice").isEqualTo(AckStatus.OK);
        PopClient others = new PopClient(producer, broker.address(), TOPIC, "others");
        assertThat(others.acknowledge(got.get(1)).getStatus()).as("foreign").isEqualTo(AckStatus.NO_EXIST);
        AckResult changed = popper.changeInvisibleTime(got.get(1), 500);
        assertThat(changed.getStatus()).isEqualTo(AckStatus.OK);
        assertThat(popper.acknowledge(got.get(1)).getStatus())
                .as("beyond the lease")
                .isEqualTo(AckStatus.NO_EXIST);
        assertThat(popper.changeInvisibleTime(got.get(1), 500).getStatus()).isEqualTo(AckStatus.NO_EXIST);
        assertThat(popper.acknowledge(got.get(2)).getStatus()).isEqualTo(AckStatus.OK);

        MessageExt again = popAll(1, LONG).get(0);
        assertThat(OfficialClients.text(again)).isEqualTo("two");
        assertThat(popper.acknowledge(again).getStatus()).isEqualTo(AckStatus.OK);
        assertThat(broker.store().committedOffset(GROUP, TOPIC, 0)).hasValue(3);
        assertThat(broker.store().committedOffset("others", TOPIC, 0)).isEmpty();
    }

    @Test
    void anExtendedDeliveryIsAcknowledgedByItsNewReceipt() throws Exception {
        send("slow");
        MessageExt message = popAll(1, 2_000).get(0);
        AckResult extended = popper.changeInvisibleTime(message, LONG);
        assertThat(extended.getStatus()).isEqualTo(AckStatus.OK);
        assertThat(popper.pop(-1, 32, LONG, 4_000, false, null).getPopStatus())
                .as("it outlives its first time")
                .isEqualTo(PopStatus.POLLING_NOT_FOUND);
        assertThat(popper.acknowledge(message.getQueueId(), message.getQueueOffset(), extended.getExtraInfo())
                        .getStatus())
                .isEqualTo(AckStatus.OK);
    }

    @Test
    void acknowledgesABatchWithRetriesInIt() throws Exception {
        send("a", "b", "c", "d");
        List<MessageExt> got = popAll(4, LONG);
        popper.changeInvisibleTime(got.get(3), 0);
        MessageExt retried = popAll(1, LONG).get(0);
        assertThat(retried.getReconsumeTimes()).isEqualTo(1);
        List<MessageExt> all = new ArrayList<>(got.subList(0, 3));
        all.add(retried);
        assertThat(popper.acknowledgeAll(all).getStatus()).isEqualTo(AckStatus.OK);
        assertThat(broker.store().poppedInFlight()).isZero();
        assertThat(broker.store().committedOffset(GROUP, TOPIC, 0)).hasValue(4);
    }

    @Test
    void aPopThatWaitsGetsWhatArrivesAndOneOfManyGetsIt() throws Exception {
        send("made the topic");
        popper.acknowledge(popAll(1, LONG).get(0));
        var one = popper.popAsync(-1, 32, LONG, 30_000, false, null);
        var other = popper.popAsync(-1, 32, LONG, 30_000, false, null);
        await().atMost(PATIENCE).until(() -> popper.waiting(-1) == 2);
        var notified = popper.notification(30_000);
        await().atMost(PATIENCE).until(() -> popper.waiting(-1) == 3);
        send("x");
        await().atMost(PATIENCE).until(() -> one.isDone() || other.isDone());
        assertThat(notified.get(60, TimeUnit.SECONDS)).isTrue();
        send("y");
        List<String> got = new ArrayList<>();
        got.addAll(OfficialClients.texts(one.get(60, TimeUnit.SECONDS).getMsgFoundList()));
        got.addAll(OfficialClients.texts(other.get(60, TimeUnit.SECONDS).getMsgFoundList()));
        assertThat(got).containsExactlyInAnyOrder("x", "y");
    }

    @Test
    void aPopByTagTakesWhatItWantsOnly() throws Exception {
        producer.send(OfficialClients.message(TOPIC, "blue", "b"), (queues, m, a) -> queues.get(0), null);
        producer.send(OfficialClients.message(TOPIC, "red", "r"), (queues, m, a) -> queues.get(0), null);
        PopResult popped = popper.pop(0, 32, LONG, 5_000, false, "red || green");
        assertThat(OfficialClients.texts(popped.getMsgFoundList())).containsExactly("r");
    }

    @Test
    void inOrderTheNextMessageComesWhenTheOneBeforeIsDone() throws Exception {
        send("1", "2", "3");
        MessageExt one =
                popper.pop(0, 1, 2_000, 5_000, true, null).getMsgFoundList().get(0);
        assertThat(OfficialClients.text(one)).isEqualTo("1");
        var waiting = popper.popAsync(0, 2, LONG, 30_000, true, null);
        MessageExt again = waiting.get(60, TimeUnit.SECONDS).getMsgFoundList().get(0);
        assertThat(OfficialClients.text(again)).as("its time was over").isEqualTo("1");
        assertThat(again.getReconsumeTimes()).isEqualTo(1);
        assertThat(popper.acknowledge(one).getStatus()).isEqualTo(AckStatus.NO_EXIST);
        var next = popper.popAsync(0, 2, LONG, 30_000, true, null);
        for (MessageExt message : waiting.get().getMsgFoundList()) {
            assertThat(next.isDone()).isFalse();
            assertThat(popper.acknowledge(message).getStatus()).isEqualTo(AckStatus.OK);
        }
        assertThat(OfficialClients.texts(next.get(60, TimeUnit.SECONDS).getMsgFoundList()))
                .containsExactly("3");
    }

    @Test
    void aRestartForgetsNoDelivery() throws Exception {
        send("kept");
        MessageExt first = popAll(1, LONG).get(0);
        clients.close();
        broker.close();
        start();
        assertThat(popper.pop(-1, 32, LONG, 500, false, null).getPopStatus()).isEqualTo(PopStatus.POLLING_NOT_FOUND);
        assertThat(popper.acknowledge(first).getStatus()).isEqualTo(AckStatus.OK);
        assertThat(broker.store().committedOffset(GROUP, TOPIC, 0)).hasValue(1);
    }
}
