package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.BrokerProcess;
import dev.tally.broker.OfficialClients;
import dev.tally.broker.PopClient;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.consumer.PopStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process is held for longer than deliveries last, half messages wait and clients are patient, and let go again, as by
 * a long collection of garbage or a machine that sleeps. {@code -Dtally.pause.seconds} says how long (default 12).
 */
@Tag("slow")
class PauseTest {

    private static final long PAUSE_SECONDS = Long.getLong("tally.pause.seconds", 12);
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final String TOPIC = "paused";
    private static final String DEALS = "paused-deals";
    private static final String ORDERED = "paused-ordered";
    private static final String GROUP = "pausing";
    private static final long INVISIBLE_MILLIS = 5_000;
    private static final int MESSAGES = 20;
    private static final int QUEUES = 4;

    @TempDir
    private Path directory;

    private BrokerProcess broker;
    private String address;
    private OfficialClients clients;
    private DefaultMQProducer producer;
    private PopClient popper;

    @BeforeEach
    void start() throws Exception {
        broker = BrokerProcess.launch(
                directory.resolve("errors.txt"),
                "--data",
                directory.resolve("data").toString(),
                "--port",
                "0",
                "--admin-port",
                "0",
                "--check-immunity",
                "2s",
                "--check-interval",
                "4s",
                "--check-max-interval",
                "60s");
        address = broker.awaitReady();
        clients = new OfficialClients(address);
        producer = clients.producer("senders");
        for (String topic : List.of(TOPIC, DEALS, ORDERED)) {
            producer.createTopic("TBW102", topic, QUEUES, Map.of());
        }
        popper = new PopClient(producer, address, TOPIC, GROUP);
    }

    @AfterEach
    void stop() {
        clients.close();
        broker.close();
    }

    private Set<String> send(int count) throws Exception {
        Set<String> sent = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            producer.send(OfficialClients.message(TOPIC, "t", "m" + i));
            sent.add("m" + i);
        }
        return sent;
    }

    /** Pops until it has that many different ones; answers what it got by its text, the last delivery of each. */
    private Map<String, MessageExt> popAll(int count, long invisibleMillis) {
        Map<String, MessageExt> got = new HashMap<>();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            PopResult popped = popper.pop(-1, 32, invisibleMillis, 1_000, false, null);
            if (popped.getPopStatus() == PopStatus.FOUND) {
                popped.getMsgFoundList().forEach(message -> got.put(OfficialClients.text(message), message));
            }
            return got.size() >= count;
        });
        return got;
    }

    private AckStatus acknowledge(MessageExt message) throws Exception {
        return popper.acknowledge(message).getStatus();
    }

    /** Holds a process, does something meanwhile, and lets it go. */
    private void pause(String pid, Runnable meanwhile) throws Exception {
        Shell.succeed("kill", "-STOP", pid);
        try {
            meanwhile.run();
            assertThat(broker.exits(PAUSE_SECONDS * 1_000)).isFalse();
        } finally {
            Shell.succeed("kill", "-CONT", pid);
        }
    }

    @Scenario("broker-48")
    @Test
    void whatABrokerHandedOutBeforeAPauseIsHandedOutAgainAndLateAcknowledgementsAreRefused() throws Exception {
        Set<String> sent = send(MESSAGES);
        Map<String, MessageExt> first = popAll(MESSAGES, INVISIBLE_MILLIS);
        pause(String.valueOf(broker.pid()), () -> {});

        Map<String, MessageExt> again = popAll(MESSAGES, 120_000);

        assertThat(again.keySet()).isEqualTo(sent);
        for (MessageExt late : first.values()) {
            assertThat(acknowledge(late)).as("late").isEqualTo(AckStatus.NO_EXIST);
        }
        for (MessageExt message : again.values()) {
            assertThat(acknowledge(message)).isEqualTo(AckStatus.OK);
        }
        assertThat(popper.pop(-1, 32, 1_000, INVISIBLE_MILLIS + 2_000, false, null)
                        .getPopStatus())
                .isNotEqualTo(PopStatus.FOUND);
    }

    /** Which of the two the broker does first when it goes on is its own affair: both together are wrong. */
    @Scenario("broker-48")
    @Test
    void whatIsAcknowledgedWhileTheBrokerIsHeldIsEitherDoneOrDeliveredAgain() throws Exception {
        Set<String> sent = send(MESSAGES);
        Map<String, MessageExt> first = popAll(MESSAGES, INVISIBLE_MILLIS);
        ConcurrentMap<String, AckStatus> outcomes = new ConcurrentHashMap<>();
        List<Thread> acknowledging = first.values().stream()
                .map(message -> new Thread(() -> {
                    try {
                        outcomes.put(OfficialClients.text(message), acknowledge(message));
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }))
                .toList();
        pause(String.valueOf(broker.pid()), () -> acknowledging.forEach(Thread::start));
        for (Thread thread : acknowledging) {
            thread.join();
        }
        assertThat(outcomes.keySet()).isEqualTo(sent);
        Set<String> refused = outcomes.entrySet().stream()
                .filter(outcome -> outcome.getValue() != AckStatus.OK)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());

        Map<String, MessageExt> again = popAll(refused.size(), 120_000);

        assertThat(again.keySet()).isEqualTo(refused);
        PopResult more = popper.pop(-1, 32, 1_000, INVISIBLE_MILLIS + 2_000, false, null);
        assertThat(more.getPopStatus()).isNotEqualTo(PopStatus.FOUND);
        System.out.println("pause: acknowledged meanwhile=" + (MESSAGES - refused.size()) + " again=" + again.size());
    }

    @Scenario("broker-48")
    @Test
    void aConsumerThatWasHeldForTooLongHasLostItsMessages() throws Exception {
        Set<String> sent = send(MESSAGES);
        try (PoppingProcess consumer =
                PoppingProcess.launch(directory.resolve("consumer.txt"), address, TOPIC, GROUP, INVISIBLE_MILLIS)) {
            int popped = consumer.awaitNumber("popped");
            assertThat(popped).isPositive();
            Map<String, MessageExt> others = new HashMap<>();
            pause(consumer.pid(), () -> others.putAll(popAll(MESSAGES, 120_000)));
            consumer.acknowledge();
            assertThat(consumer.awaitNumber("acknowledged")).as("late").isZero();
            assertThat(others.keySet()).isEqualTo(sent);
            for (MessageExt message : others.values()) {
                assertThat(acknowledge(message)).isEqualTo(AckStatus.OK);
            }
        }
    }

    /** Knows nothing about any transaction, and counts how often it is asked. */
    private static final class Undecided implements TransactionListener {
        private final ConcurrentMap<String, AtomicInteger> asked = new ConcurrentHashMap<>();

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return LocalTransactionState.UNKNOW;
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            asked.computeIfAbsent(OfficialClients.text(message), first -> new AtomicInteger())
                    .incrementAndGet();
            return LocalTransactionState.UNKNOW;
        }

        Map<String, Integer> counts() {
            return asked.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, asking -> asking.getValue()
                    .get()));
        }
    }

    @Scenario("broker-48")
    @Test
    void asksAboutEachHalfMessageOnceWhenItGoesOn() throws Exception {
        Undecided undecided = new Undecided();
        TransactionMQProducer deals = clients.transactionProducer("dealers", undecided);
        for (int i = 0; i < MESSAGES; i++) {
            deals.sendMessageInTransaction(OfficialClients.message(DEALS, "t", "deal" + i), null);
        }
        // The second question is due 4 s after the first, the third 8 s after that: the pause covers several rounds.
        await().atMost(PATIENCE).until(() -> undecided.counts().size() == MESSAGES);
        Map<String, Integer> then = new HashMap<>();
        pause(String.valueOf(broker.pid()), () -> {
            // What was asked before the pause is being answered yet.
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            then.putAll(undecided.counts());
        });
        long started = System.nanoTime();
        await().atMost(PATIENCE).until(() -> undecided.counts().entrySet().stream()
                .allMatch(asked -> asked.getValue() > then.get(asked.getKey())));
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
        Map<String, Integer> now = undecided.counts();
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
        System.out.println("pause: all asked once more, looked at after " + seconds + " s: " + now);
        // After the second question the third is due in 8 s; on a machine that is slower than that nothing is said.
        assumeThat(seconds).isLessThan(7);
        assertThat(now).allSatisfy((deal, times) -> assertThat(times).as(deal).isEqualTo(then.get(deal) + 1));
    }

    @Scenario("broker-48")
    @Test
    void neverGivesAnOrderedQueueToTwoAndKeepsTheOrder() throws Exception {
        ConcurrentMap<Integer, AtomicInteger> inside = new ConcurrentHashMap<>();
        ConcurrentMap<Integer, List<Long>> offsets = new ConcurrentHashMap<>();
        List<String> together = new ArrayList<>();
        for (int member = 0; member < 2; member++) {
            DefaultMQPushConsumer consumer = clients.consumer("paused-workers", ORDERED, "*");
            consumer.setHeartbeatBrokerInterval(1_000);
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                for (MessageExt message : messages) {
                    AtomicInteger here = inside.computeIfAbsent(message.getQueueId(), queue -> new AtomicInteger());
                    if (here.incrementAndGet() > 1) {
                        synchronized (together) {
                            together.add("queue " + message.getQueueId() + " offset " + message.getQueueOffset());
                        }
                    }
                    offsets.computeIfAbsent(message.getQueueId(), queue -> new ArrayList<>())
                            .add(message.getQueueOffset());
                    here.decrementAndGet();
                }
                return ConsumeOrderlyStatus.SUCCESS;
            });
            consumer.start();
        }
        for (int round = 0; round < 2; round++) {
            sendOrdered();
            pause(String.valueOf(broker.pid()), () -> {});
            sendOrdered();
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(offsets.values())
                .hasSize(QUEUES)
                .allSatisfy(seen -> assertThat(Set.copyOf(seen)).hasSize(4 * MESSAGES)));
        assertThat(together).as("one queue with two consumers").isEmpty();
        offsets.forEach((queue, seen) -> assertThat(seen)
                .as("queue %s goes back only to repeat", queue)
                .containsSubsequence(upTo(4L * MESSAGES)));
    }

    private static List<Long> upTo(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    private void sendOrdered() throws Exception {
        for (int i = 0; i < MESSAGES; i++) {
            for (int queue = 0; queue < QUEUES; queue++) {
                int to = queue;
                producer.send(OfficialClients.message(ORDERED, "t", "o"), (queues, message, any) -> queues.get(to), 0);
            }
        }
    }
}
