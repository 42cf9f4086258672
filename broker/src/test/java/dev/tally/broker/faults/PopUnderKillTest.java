package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.OfficialClients;
import dev.tally.broker.PopClient;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.consumer.PopStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.header.ExtraInfoUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker process that is killed with -9 under two groups that pop: push consumers, and callers that follow each
 * acknowledgement. {@code -Dtally.soak.kills} says how often (default 3).
 */
class PopUnderKillTest {

    private static final String TOPIC = "popped";
    private static final String PUSHED = "pushed-to";
    private static final String CALLING = "calling";
    private static final int KILLS = Integer.getInteger("tally.soak.kills", 3);
    private static final int INVISIBLE_MILLIS = 10_000;
    /** Acknowledgements of a group without an answer at any time: two consumers, a pop's messages each. */
    private static final int MOST_UNDER_WAY = 2 * 32;

    private static final Duration PATIENCE = Duration.ofSeconds(150);

    private final long seed = Long.getLong("tally.soak.seed", System.nanoTime());
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Group pushed = new Group(PUSHED);
    private final Group calling = new Group(CALLING);
    private final CountDownLatch stopSending = new CountDownLatch(1);
    private final CountDownLatch stopPopping = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    @TempDir
    private Path directory;

    /** What a group saw. */
    private static final class Group {
        private final String name;
        private final Map<String, AtomicInteger> deliveries = new ConcurrentHashMap<>();
        /** By what the broker says of a delivery: where the message stands that was handed out. */
        private final Map<String, String> idOf = new ConcurrentHashMap<>();

        /** When the answer came, by the clock that the broker on this machine reads as well. */
        private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();

        private final Set<String> handedOutThoughDone = ConcurrentHashMap.newKeySet();
        /** What became of each message, for the report of a failure. */
        private final Map<String, List<String>> histories = new ConcurrentHashMap<>();

        private void note(String id, String event) {
            histories
                    .computeIfAbsent(id, first -> new CopyOnWriteArrayList<>())
                    .add(System.currentTimeMillis() + " " + event);
        }

        Group(String name) {
            this.name = name;
        }

        void delivered(MessageExt message) {
            String id = OfficialClients.text(message);
            String receipt = message.getProperty(MessageConst.PROPERTY_POP_CK);
            String topic = ExtraInfoUtil.getRealTopic(ExtraInfoUtil.split(receipt), TOPIC, name);
            note(
                    id,
                    "delivered " + topic + "/" + message.getQueueId() + "/" + message.getQueueOffset() + " by "
                            + receipt + " unique " + message.getMsgId() + " stored at " + message.getCommitLogOffset());
            // A client may come late to what it was given before; that is not the broker's doing.
            Long done = acknowledged.get(id);
            long handedOut = ExtraInfoUtil.getPopTime(ExtraInfoUtil.split(receipt));
            if (done != null && handedOut > done) {
                handedOutThoughDone.add(id);
            }
            idOf.put(topic + "/" + message.getQueueId() + "/" + message.getQueueOffset(), id);
            deliveries.computeIfAbsent(id, first -> new AtomicInteger()).incrementAndGet();
        }

        void acknowledged(Map<String, String> request) {
            String id = idOf.get(request.get("topic") + "/" + request.get("queueId") + "/" + request.get("offset"));
            if (id != null) {
                note(id, "acknowledged " + request);
                acknowledged.putIfAbsent(id, System.currentTimeMillis());
            }
        }

        long repeated() {
            return deliveries.values().stream().filter(count -> count.get() > 1).count();
        }
    }

    /** Sees which acknowledgements the push consumers got through. */
    private final RPCHook acknowledgements = new RPCHook() {
        @Override
        public void doBeforeRequest(String remoteAddress, RemotingCommand request) {}

        @Override
        public void doAfterResponse(String remoteAddress, RemotingCommand request, RemotingCommand response) {
            boolean theirs = request.getCode() == RequestCode.ACK_MESSAGE
                    && PUSHED.equals(request.getExtFields().get("consumerGroup"));
            if (theirs && response != null && response.getCode() == 0) {
                pushed.acknowledged(request.getExtFields());
            }
        }
    };

    private interface Step {
        void run() throws Exception;
    }

    private void repeatedly(CountDownLatch until, Step step) {
        Thread thread = new Thread(() -> {
            while (until.getCount() > 0) {
                try {
                    step.run();
                } catch (Exception e) {
                    // The broker is down: what had no answer is not counted on.
                    pause(until);
                }
            }
        });
        threads.add(thread);
        thread.start();
    }

    private static boolean pause(CountDownLatch until) {
        try {
            return until.await(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void send(DefaultMQProducer producer, AtomicInteger next) throws Exception {
        String id = "m" + next.incrementAndGet();
        producer.send(OfficialClients.message(TOPIC, "t", id));
        sent.add(id);
        stopSending.await(2, TimeUnit.MILLISECONDS);
    }

    private void popAndAcknowledge(PopClient popper) throws Exception {
        PopResult popped = popper.pop(-1, 16, INVISIBLE_MILLIS, 1_000, false, null);
        if (popped.getPopStatus() != PopStatus.FOUND) {
            return;
        }
        popped.getMsgFoundList().forEach(calling::delivered);
        for (MessageExt message : popped.getMsgFoundList()) {
            if (popper.acknowledge(message).getStatus() == AckStatus.OK) {
                assertThat(calling.acknowledged.putIfAbsent(OfficialClients.text(message), System.currentTimeMillis()))
                        .as("acknowledged before: " + OfficialClients.text(message))
                        .isNull();
            }
        }
    }

    private void push(OfficialClients clients) throws Exception {
        for (int i = 0; i < 2; i++) {
            DefaultMQPushConsumer consumer = clients.consumer(PUSHED, TOPIC, "*");
            consumer.setClientRebalance(false);
            consumer.setPopInvisibleTime(INVISIBLE_MILLIS);
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(pushed::delivered);
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            consumer.start();
        }
    }

    @Scenario("broker-30")
    @Scenario("broker-31")
    @Test
    void losesNothingAndRepeatsNothingThatWasAcknowledgedWhereverItIsKilled() throws Exception {
        System.out.println("tally.soak.seed=" + seed);
        Random random = new Random(seed);
        try (RestartableBroker broker = new RestartableBroker(directory, random)) {
            broker.start();
            try (OfficialClients clients = new OfficialClients(broker.address(), client -> {}, acknowledgements)) {
                DefaultMQProducer producer = clients.producer("senders");
                producer.createTopic("TBW102", TOPIC, 4, Map.of());
                new PopClient(producer, broker.address(), TOPIC, PUSHED).setMode(MessageRequestMode.POP);
                push(clients);
                AtomicInteger next = new AtomicInteger();
                repeatedly(stopSending, () -> send(producer, next));
                for (int i = 0; i < 2; i++) {
                    PopClient popper = new PopClient(clients.producer("callers"), broker.address(), TOPIC, CALLING);
                    repeatedly(stopPopping, () -> popAndAcknowledge(popper));
                }
                for (int kill = 0; kill < KILLS; kill++) {
                    awaitProgress();
                    assertThat(broker.process().exits(random.nextInt(2_000))).isFalse();
                    broker.kill();
                    broker.start();
                }
                awaitProgress();
                stopSending.countDown();
                for (Group group : List.of(pushed, calling)) {
                    await().atMost(PATIENCE).untilAsserted(() -> assertThat(group.deliveries.keySet())
                            .as("delivered to " + group.name + ", seed " + seed)
                            .containsAll(sent));
                }
                awaitNothingLeft(broker);
                judge();
            } finally {
                stopSending.countDown();
                stopPopping.countDown();
                for (Thread thread : threads) {
                    thread.join();
                }
            }
        }
    }

    private void awaitProgress() {
        int seen = calling.acknowledged.size();
        int got = pushed.acknowledged.size();
        await().atMost(PATIENCE)
                .until(() -> calling.acknowledged.size() > seen + 200 && pushed.acknowledged.size() > got + 200);
    }

    /** For longer than a delivery lasts, nobody gets anything. */
    private void awaitNothingLeft(RestartableBroker broker) throws Exception {
        AtomicInteger before = new AtomicInteger(-1);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(INVISIBLE_MILLIS * 3L / 2))
                .until(() -> {
                    int now = deliveries(pushed) + deliveries(calling);
                    return now == before.getAndSet(now);
                });
        assertThat(broker.process().alive()).isTrue();
    }

    private static int deliveries(Group group) {
        return group.deliveries.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    private void judge() {
        for (Group group : List.of(pushed, calling)) {
            System.out.println("kill -9 under pops: seed=" + seed + " group=" + group.name + " sent=" + sent.size()
                    + " delivered=" + group.deliveries.size() + " acknowledged=" + group.acknowledged.size()
                    + " repeated=" + group.repeated());
            assertThat(group.handedOutThoughDone)
                    .as(
                            "handed out to %s after they were acknowledged, seed %s: %s",
                            group.name,
                            seed,
                            group.handedOutThoughDone.stream()
                                    .map(group.histories::get)
                                    .toList())
                    .isEmpty();
            // Of some the answer was lost with the broker; they are done, or they would have been delivered again.
            Set<String> unanswered = new TreeSet<>(sent);
            unanswered.removeAll(group.acknowledged.keySet());
            assertThat(unanswered).hasSizeLessThanOrEqualTo(KILLS * MOST_UNDER_WAY);
        }
    }
}
