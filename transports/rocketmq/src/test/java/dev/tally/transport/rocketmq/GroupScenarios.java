package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.tally.audit.AuditEntry;
import dev.tally.consume.ConsumerOperations;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.MessageContext;
import dev.tally.consume.RunningConsumer;
import dev.tally.consume.SubscriptionCustomizer;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Groups that are moved, widened, shared out and slowed down: what takes effect of their messages, and in which order. */
abstract class GroupScenarios {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final String test = UUID.randomUUID().toString().substring(0, 8);

    abstract String nameServer();

    abstract void createTopic(String topic, int queues);

    private String topic(String name, int queues) {
        String topic = name + "-" + test;
        createTopic(topic, queues);
        return topic;
    }

    private static ConditionFactory patiently() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
    }

    private Subscription subscription(String topic, int concurrency) {
        return new Subscription(topic, "stock-" + test, "*", concurrency, true, 16).withBatch(4);
    }

    private static SubscriptionPositions positions(ActiveSubscription subscription) {
        return subscription.positions().orElseThrow();
    }

    private static long lag(ActiveSubscription subscription) {
        return positions(subscription).read(false).stream()
                .mapToLong(QueuePosition::lag)
                .sum();
    }

    @Test
    void tellsWhatWaitsInEachQueueWhoeverHasIt() {
        String topic = topic("lag", 4);
        try (GroupWorld world = new GroupWorld(nameServer())) {
            Instant before = InstantSource.system().instant();
            world.send(topic, 20, 3);
            ActiveSubscription one = world.join(world.open(), subscription(topic, 2), Duration.ZERO);
            one.control().orElseThrow().pause();
            ActiveSubscription two = world.join(world.open(), subscription(topic, 2), Duration.ZERO);
            two.control().orElseThrow().pause();
            patiently()
                    .until(
                            () -> owned(one),
                            first -> first.size() == 2 && owned(two).size() == 2);
            assertThat(owned(one)).doesNotContainAnyElementsOf(owned(two));

            patiently().until(() -> lag(one) == 60 - world.effects());
            List<QueuePosition> queues = positions(one).read(true);
            assertThat(queues).extracting(QueuePosition::queue).hasSize(4).isSorted();
            assertThat(queues).allSatisfy(queue -> {
                assertThat(queue.end()).isGreaterThanOrEqualTo(queue.acknowledged());
                if (queue.lag() > 0) {
                    assertThat(queue.oldest()).isBetween(before.minusSeconds(1), before.plusSeconds(300));
                }
            });

            one.control().orElseThrow().resume();
            two.control().orElseThrow().resume();
            patiently().until(() -> lag(two) == 0);
            assertThat(positions(two).read(true))
                    .allSatisfy(queue -> assertThat(queue.oldest()).isNull());
            world.assertEachOnceInOrder();
        }
    }

    private static Set<String> owned(ActiveSubscription subscription) {
        Set<String> owned = new HashSet<>();
        positions(subscription).read(false).stream()
                .filter(QueuePosition::owned)
                .forEach(queue -> owned.add(queue.queue()));
        return owned;
    }

    @Scenario("messaging-30")
    @Test
    void whatIsSkippedIsNotHandledAndAReplayHandlesItAndNothingElseAgain() {
        String topic = topic("replay", 4);
        try (GroupWorld world = new GroupWorld(nameServer())) {
            Instant start = InstantSource.system().instant().minusSeconds(1);
            Subscription subscription = subscription(topic, 4);
            ActiveSubscription one = world.join(world.open(), subscription, Duration.ZERO);
            List<AuditEntry> audited = new CopyOnWriteArrayList<>();
            ConsumerOperations operations = new ConsumerOperations(
                    () -> List.of(new RunningConsumer(subscription, "one", one.control(), one.positions())),
                    audited::add,
                    () -> start);
            ConsumerOperations.Act act =
                    new ConsumerOperations.Act(topic, subscription.group(), "ada", "the prices were wrong");
            world.send(topic, 10, 3);
            patiently().until(() -> world.effects() == 30 && lag(one) == 0);

            one.control().orElseThrow().pause();
            world.send(topic, 10, 2);
            patiently().until(() -> lag(one) == 20);
            Instant end = InstantSource.system().instant().plusSeconds(3600);
            List<PositionMove> preview = operations.previewToTime(topic, subscription.group(), end);
            assertThat(preview.stream().mapToLong(PositionMove::skipped).sum()).isEqualTo(20);
            assertThat(lag(one)).as("looking changes nothing").isEqualTo(20);
            operations.seekToTime(act, end, false);
            assertThat(lag(one)).isZero();
            one.control().orElseThrow().resume();
            world.send(topic, 10, 1);
            patiently().until(() -> world.effects() == 40 && lag(one) == 0);
            assertThat(world.effectsOf("key-3")).containsExactly(0, 1, 2, 5);

            ActiveSubscription two = world.join(world.open(), subscription, Duration.ZERO);
            patiently().until(() -> owned(two).size() == 2 && owned(one).size() == 2);
            int before = world.duplicates();
            List<PositionMove> replayed = operations.seekToTime(act, start, false);

            assertThat(replayed.stream().mapToLong(PositionMove::replayed).sum())
                    .isEqualTo(60);
            assertThat(replayed).filteredOn(move -> move.replayed() > 0).allSatisfy(move -> assertThat(move.since())
                    .isAfterOrEqualTo(start));
            patiently().until(() -> world.effects() == 60 && lag(one) == 0);
            patiently().until(() -> world.duplicates() - before >= 40);
            assertThat(world.effects()).as("a duplicate has no effect").isEqualTo(60);
            for (int k = 0; k < 10; k++) {
                assertThat(world.effectsOf("key-" + k)).containsExactly(0, 1, 2, 5, 3, 4);
            }
            assertThat(audited).extracting(AuditEntry::action).containsOnly("seek-consumer");
            assertThat(audited.get(0).detail()).contains("skips 20 messages and replays 0");
            assertThat(audited.get(1).detail()).contains("skips 0 messages and replays 60");
        }
    }

    @Scenario("messaging-30")
    @Test
    void aSingleQueueGoesBackToAPositionWhileHandlersRun() {
        String topic = topic("position", 2);
        try (GroupWorld world = new GroupWorld(nameServer())) {
            ActiveSubscription one = world.join(world.open(), subscription(topic, 4), Duration.ofMillis(2));
            world.send(topic, 16, 20);
            patiently().until(() -> world.effects() > 100);

            String queue = positions(one).read(false).get(0).queue();
            positions(one).seek(List.of(positions(one).planTo(queue, 0)));

            patiently().until(() -> world.effects() == 320 && lag(one) == 0);
            assertThat(world.duplicates()).isPositive();
            world.assertEachOnceInOrder();
            assertThatExceptionOfType(TransportException.class)
                    .isThrownBy(() -> positions(one).planTo(queue, 100_000))
                    .withMessageContaining("100000")
                    .withMessageContaining("the positions from 0 to ");
            assertThatExceptionOfType(TransportException.class)
                    .isThrownBy(() -> positions(one).planTo("nowhere:0", 0))
                    .withMessageContaining(queue);
        }
    }

    @Scenario("messaging-31")
    @Test
    void membersJoinAndLeaveWhileHandlersRun() {
        String topic = topic("rebalance", 8);
        Subscription subscription = subscription(topic, 8);
        try (GroupWorld world = new GroupWorld(nameServer())) {
            List<Transport> members = new ArrayList<>();
            for (int change = 0; change < 6; change++) {
                // Two come, one goes.
                if (change % 3 == 2) {
                    members.remove(0).close();
                } else {
                    Transport member = world.open();
                    world.join(member, subscription, Duration.ofMillis(3));
                    members.add(member);
                }
                int handled = world.effects();
                world.send(topic, 30, 8);
                patiently().until(() -> world.effects() >= handled + 100);
            }

            patiently().until(() -> world.effects() >= world.sent());
            world.assertEachOnceInOrder();
        }
    }

    @Scenario("messaging-29")
    @Test
    void aBurstIsHandledAtTheRateThatIsAllowedAndTheRestWaitsAtTheBroker() {
        String topic = topic("burst", 4);
        int cached = 50;
        int pulled = 32;
        int burst = 3_000;
        Queue<Long> begun = new ConcurrentLinkedQueue<>();
        try (RocketMqTransport transport = new RocketMqTransport(RocketMqSettings.builder(
                        nameServer(), "burst-" + test, UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .cachedMessagesPerQueue(cached)
                .build())) {
            ActiveSubscription limited = transport.subscribe(
                    new Subscription(topic, "stock-" + test, "*", 8, true, 16, 1, 8, 100, false), batch -> {
                        batch.forEach(each -> begun.add(System.nanoTime()));
                        return batch.stream()
                                .<DeliveryOutcome>map(each -> new DeliveryOutcome.Delivered())
                                .toList();
                    });
            List<Message> messages = new ArrayList<>();
            for (int i = 0; i < burst; i++) {
                messages.add(message(topic, "key-" + i % 97, "b-" + i));
            }
            List<CompletableFuture<SendOutcome>> sent = transport.send(messages);
            sent.forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
            assertThat(begun.size())
                    .as("the producer did not wait for the consumer")
                    .isLessThan(burst / 2);

            List<Integer> held = new ArrayList<>();
            patiently().until(() -> {
                held.add(limited.control().orElseThrow().state(0).waiting());
                return begun.size() >= 800;
            });
            assertThat(held).allMatch(waiting -> waiting <= 4 * (cached + pulled));
            assertThat(held).anyMatch(waiting -> waiting > 0);
            assertThat(lag(limited)).isGreaterThan(burst / 2);
        }
        List<Double> rates = ratesOverWindows(List.copyOf(begun), 300);
        assertThat(rates).as("never more than is allowed").allMatch(perSecond -> perSecond <= 105);
        assertThat(rates)
                .as("all of what is allowed, where the machine does not stand still")
                .anyMatch(perSecond -> perSecond >= 95);
    }

    private static List<Double> ratesOverWindows(List<Long> unsorted, int window) {
        List<Long> times = unsorted.stream().sorted().toList();
        List<Double> rates = new ArrayList<>();
        // What was saved up before the first message may begin at once.
        for (int from = 100; from + window < times.size(); from += 50) {
            rates.add(window * 1e9 / (times.get(from + window) - times.get(from)));
        }
        return rates;
    }

    private static Message message(String topic, String key, String id) {
        return new Message(new MessageId(id), Destination.topic(topic), key, "text", Headers.empty(), new byte[] {1});
    }

    @Scenario("messaging-28")
    @Test
    void aBacklogGoesInMoreHandsThanQueuesAndAKilledMemberLosesNothing(@TempDir Path directory) throws IOException {
        String topic = topic("backlog", 8);
        int keys = 500;
        int ofKey = 16;
        Path handled = directory.resolve("handled");
        try (RocketMqTransport transport = new RocketMqTransport(RocketMqSettings.builder(
                        nameServer(), "backlog-" + test, UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(60))
                .closeTimeout(Duration.ofSeconds(1))
                .build())) {
            for (int i = 0; i < ofKey; i++) {
                List<Message> messages = new ArrayList<>();
                for (int k = 0; k < keys; k++) {
                    messages.add(message(topic, "key-" + k, "key-" + k + "/" + i));
                }
                transport.send(messages).forEach(outcome -> assertThat(outcome.join())
                        .isInstanceOf(SendOutcome.Sent.class));
            }
            Subscription subscription = new Subscription(topic, "stock-" + test, "*", 64, true, 16).withBatch(1);
            try (ChildJvm member = ChildJvm.start(
                    BacklogMember.class,
                    BacklogMember.READY,
                    List.of(nameServer(), topic, subscription.group(), handled.toString()))) {
                member.awaitReady();
                patiently().until(() -> lines(handled).size() > keys * ofKey / 4);
                member.kill();
            }
            List<String> before = lines(handled);
            assertThat(before).hasSizeLessThan(keys * ofKey).doesNotContain(BacklogMember.STUCK);

            Queue<String> after = new ConcurrentLinkedQueue<>();
            ActiveSubscription rest =
                    transport.subscribe(subscription, batch -> BacklogMember.handle(batch, after::add));
            int[] most = {0};
            patiently().until(() -> {
                most[0] =
                        Math.max(most[0], rest.control().orElseThrow().state(0).running());
                Set<String> all = new HashSet<>(before);
                all.addAll(after);
                return all.size() == keys * ofKey;
            });
            assertThat(most[0]).as("handlers at once, with 8 queues").isGreaterThan(16);
            patiently().until(() -> lag(rest) == 0);
            assertInOrder(before);
            assertInOrder(List.copyOf(after));
        }
    }

    /** The last line of a process that was killed may be torn. */
    private static List<String> lines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private static void assertInOrder(List<String> ids) {
        Map<String, Integer> last = new HashMap<>();
        for (String id : ids) {
            String[] parts = id.split("/", 2);
            int number = Integer.parseInt(parts[1]);
            Integer before = last.put(parts[0], number);
            assertThat(before == null || before < number)
                    .as("%s came after %s", id, before)
                    .isTrue();
        }
    }

    /** The handler as an application has it. */
    static final class Stock {

        private final GroupWorld world;

        Stock(GroupWorld world) {
            this.world = world;
        }

        @IdempotentConsumer(topic = "${orders}", group = "${group}", concurrency = 8, batch = 4)
        void on(GroupWorld.Step step, MessageContext context) {
            world.handle(step, context, Duration.ofMillis(20));
        }
    }

    private AnnotationConfigApplicationContext application(
            GroupWorld world, String orders, String group, @Nullable String wider) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("orders", orders);
        settings.put("group", group);
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", settings));
        context.registerBean(Stock.class, () -> new Stock(world));
        context.registerBean(
                IdempotentConsumerRegistry.class,
                () -> new IdempotentConsumerRegistry(
                        context.getBeanFactory(), world.open(), world.parts(), new SubscriptionCustomizer() {
                            @Override
                            public Subscription customize(Subscription annotated) {
                                return annotated;
                            }

                            @Override
                            public @Nullable String forwardTo(Subscription annotated) {
                                return wider;
                            }
                        }));
        context.refresh();
        return context;
    }

    @Test
    void aBacklogMovesToAWiderTopicInOrder() {
        String orders = topic("orders", 4);
        String wide = topic("orders-wide", 16);
        String group = "stock-" + test;
        try (GroupWorld world = new GroupWorld(nameServer())) {
            world.send(orders, 30, 20);
            try (AnnotationConfigApplicationContext narrow = application(world, orders, group, null)) {
                assertThat(narrow.isRunning()).isTrue();
                patiently().until(() -> world.effects() > 100);
            }
            int handledNarrow = world.effects();
            assertThat(handledNarrow).isLessThan(600);
            try (AnnotationConfigApplicationContext first = application(world, orders, group, wide)) {
                assertThat(first.isRunning()).isTrue();
                patiently().until(() -> world.effects() > handledNarrow + 100);
            }
            world.send(orders, 30, 5);
            try (AnnotationConfigApplicationContext again = application(world, orders, group, wide)) {
                List<RunningConsumer> consumers =
                        again.getBean(IdempotentConsumerRegistry.class).running();
                assertThat(consumers)
                        .extracting(each -> each.subscription().topic())
                        .containsExactly(wide, orders);
                assertThat(positionsOf(consumers, wide).read(false)).hasSize(16);
                patiently().until(() -> lagOf(consumers, orders) == 0);
                // Now producers may change: nothing of the old topic is under way.
                world.send(wide, 30, 5);
                patiently().until(() -> world.effects() >= 900 && lagOf(consumers, wide) == 0);
            }
            world.assertEachOnceInOrder();
        }
    }

    private static SubscriptionPositions positionsOf(List<RunningConsumer> consumers, String topic) {
        return consumers.stream()
                .filter(each -> each.subscription().topic().equals(topic))
                .map(RunningConsumer::positions)
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow();
    }

    private static long lagOf(List<RunningConsumer> consumers, String topic) {
        return positionsOf(consumers, topic).read(false).stream()
                .mapToLong(QueuePosition::lag)
                .sum();
    }
}
