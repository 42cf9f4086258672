package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebalanceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int QUEUES = 4;

    @TempDir
    private Path data;

    private Broker broker;
    private OfficialClients clients;

    @BeforeEach
    void start() {
        broker = Broker.start(BrokerConfig.builder(data).defaultQueues(QUEUES).build());
        clients = new OfficialClients(broker.address());
    }

    @AfterEach
    void stop() {
        clients.close();
        broker.close();
    }

    /** Watches all consumers of the group together. */
    private static final class Watch {
        private final Map<Integer, AtomicInteger> inside = new ConcurrentHashMap<>();
        private final Map<Integer, List<Integer>> seen = new ConcurrentHashMap<>();
        private final Set<String> workers = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean together = new AtomicBoolean();

        ConsumeOrderlyStatus handle(String consumer, MessageExt message) {
            AtomicInteger here = inside.computeIfAbsent(message.getQueueId(), q -> new AtomicInteger());
            if (here.incrementAndGet() > 1) {
                together.set(true);
            }
            workers.add(consumer);
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            seen.computeIfAbsent(message.getQueueId(), q -> new CopyOnWriteArrayList<>())
                    .add(Integer.parseInt(OfficialClients.text(message)));
            here.decrementAndGet();
            return ConsumeOrderlyStatus.SUCCESS;
        }

        Set<Integer> all() {
            Set<Integer> all = new HashSet<>();
            seen.values().forEach(all::addAll);
            return all;
        }
    }

    private DefaultMQPushConsumer join(String name, Watch watch) throws Exception {
        DefaultMQPushConsumer consumer = clients.consumer("strict", "sequence", "*");
        consumer.registerMessageListener(
                (MessageListenerOrderly) (messages, context) -> watch.handle(name, messages.get(0)));
        consumer.start();
        return consumer;
    }

    @Scenario("broker-35")
    @Test
    void neverGivesAQueueToTwoWhileConsumersComeAndGoUnderLoad() throws Exception {
        Watch watch = new Watch();
        DefaultMQProducer producer = clients.producer("senders");
        AtomicInteger number = new AtomicInteger();
        AtomicBoolean enough = new AtomicBoolean();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        Thread load = new Thread(() -> {
            try {
                while (!enough.get()) {
                    int next = number.getAndIncrement();
                    producer.send(
                            OfficialClients.message("sequence", "t", Integer.toString(next)),
                            (queues, message, argument) -> queues.get(next % QUEUES),
                            null);
                    LockSupport.parkNanos(Duration.ofMillis(3).toNanos());
                }
            } catch (Exception e) {
                failures.add(e);
            }
        });
        load.start();
        DefaultMQPushConsumer first = join("first", watch);
        await().atMost(PATIENCE).until(() -> watch.seen.size() == QUEUES);
        join("second", watch);
        await().atMost(PATIENCE).until(() -> watch.workers.contains("second"));
        join("third", watch);
        await().atMost(PATIENCE).until(() -> watch.workers.contains("third"));
        first.shutdown();
        int sent = number.get();
        await().atMost(PATIENCE).until(() -> number.get() > sent + 100);
        enough.set(true);
        load.join();
        assertThat(failures).isEmpty();
        await().atMost(PATIENCE).until(() -> watch.all().size() == number.get());
        assertThat(watch.together).as("two at once in one queue").isFalse();
        watch.seen.forEach((queue, numbers) -> assertInOrder(queue, numbers));
    }

    /** Redelivery repeats a run of messages, from an earlier one on; it never swaps two. */
    private static void assertInOrder(int queue, List<Integer> numbers) {
        Map<Integer, Integer> firstAt = new HashMap<>();
        List<Integer> firsts = new ArrayList<>();
        for (int number : numbers) {
            if (firstAt.putIfAbsent(number, firsts.size()) == null) {
                firsts.add(number);
            }
        }
        assertThat(firsts).as("queue %s", queue).isSorted();
    }
}
