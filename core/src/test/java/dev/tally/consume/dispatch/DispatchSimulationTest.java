package dev.tally.consume.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.retry.Backoff;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random deliveries, failures, rebalances, pauses and changes of the limits, handlers running in any order, from a seed.
 * Whatever happens: the messages of a key take effect in order, all settle, and no mark passes one that has not.
 */
class DispatchSimulationTest {

    static LongStream seeds() {
        Long one = Long.getLong("tally.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, 2_000);
    }

    @Scenario("messaging-31")
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepsOrderAndLosesNothingWhateverHappens(long seed) {
        new Run(seed).run();
    }

    /** A queue at the broker: what was sent to it, and up to where its reader has acknowledged. */
    private static final class BrokerQueue {

        private final List<TestDelivery> log = new ArrayList<>();
        private long acknowledged;
        private Reader reader;
    }

    /** A member's reading of a queue. */
    private static final class Reader {

        private final DispatchedQueue dispatched;
        private final Watermark mark;
        private long next;
        private CompletableFuture<Void> ended;

        Reader(DispatchedQueue dispatched, long from) {
            this.dispatched = dispatched;
            this.mark = new Watermark(from);
            this.next = from;
        }
    }

    private static final class Run {

        private final Random random;
        private final ManualTime time = new ManualTime();
        private final DispatchSettings settings;
        private final KeyedDispatcher dispatcher;
        private final List<BrokerQueue> queues = new ArrayList<>();
        private final Map<String, Integer> failuresLeft = new HashMap<>();
        private final Map<String, List<String>> effects = new LinkedHashMap<>();
        private final Set<String> effective = new HashSet<>();
        private final Set<String> deadLettered = new HashSet<>();
        private final Set<String> tried = new HashSet<>();
        private boolean databaseAway;

        Run(long seed) {
            random = new Random(seed);
            int min = 1 + random.nextInt(3);
            settings = new DispatchSettings(
                    min,
                    min + random.nextInt(6),
                    1 + random.nextInt(8),
                    true,
                    false,
                    3,
                    new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), 2, 0.5),
                    1 + random.nextInt(20),
                    random.nextBoolean() ? Double.POSITIVE_INFINITY : 50,
                    Duration.ZERO);
            dispatcher = new KeyedDispatcher(
                    settings, this::handle, time.workers(), time.timer(), new DispatchEdges(time::nanoTime, random));
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                queues.add(new BrokerQueue());
            }
        }

        /** As the idempotent handler: each id once, and what is behind a failed one of its key waits. */
        private List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
            assertThat(batch.size()).isBetween(1, settings.batch());
            Set<String> failedKeys = new HashSet<>();
            List<DeliveryOutcome> outcomes = new ArrayList<>();
            int away = databaseAway ? random.nextInt(batch.size() + 1) : batch.size();
            for (ReceivedMessage received : batch) {
                assertThat(received.attempt()).isLessThanOrEqualTo(settings.maxAttempts());
                if (outcomes.size() >= away) {
                    outcomes.add(new DeliveryOutcome.Later("no database"));
                    continue;
                }
                String id = received.message().id().value();
                String key = received.message().key();
                if (key != null && failedKeys.contains(key)) {
                    outcomes.add(new DeliveryOutcome.Retry("waits"));
                    continue;
                }
                tried.add(id);
                if (!effective.contains(id) && failuresLeft.merge(id, -1, Integer::sum) >= 0) {
                    if (key != null) {
                        failedKeys.add(key);
                    }
                    outcomes.add(new DeliveryOutcome.Retry("fails"));
                } else {
                    if (effective.add(id) && key != null) {
                        effects.computeIfAbsent(key, k -> new ArrayList<>()).add(id);
                    }
                    outcomes.add(new DeliveryOutcome.Delivered());
                }
            }
            return outcomes;
        }

        void run() {
            for (int step = 0; step < 150; step++) {
                step();
            }
            settleAll();
            for (BrokerQueue queue : queues) {
                assertThat(queue.acknowledged).as("all is acknowledged").isEqualTo(queue.log.size());
                Map<String, List<String>> sent = new LinkedHashMap<>();
                for (TestDelivery delivery : queue.log) {
                    String id = delivery.id();
                    // Both, where it was dead-lettered ahead of the mark and then delivered to the next owner.
                    assertThat(effective.contains(id) || deadLettered.contains(id))
                            .as("%s takes effect or is dead-lettered", id)
                            .isTrue();
                    if (delivery.key() != null && effective.contains(id) && !deadLettered.contains(id)) {
                        sent.computeIfAbsent(delivery.key(), k -> new ArrayList<>())
                                .add(id);
                    }
                }
                sent.forEach(
                        (key, ids) -> assertThat(effects.get(key).stream().filter(id -> !deadLettered.contains(id)))
                                .as("effects of %s", key)
                                .containsExactlyElementsOf(ids));
            }
            assertThat(dispatcher.state(10).waiting()).isZero();
            assertThat(dispatcher.state(10).running()).isZero();
            assertThat(dispatcher.keysHeld()).as("no key is remembered").isEqualTo(0);
        }

        private void step() {
            switch (random.nextInt(13)) {
                case 0, 1 -> send();
                case 2, 3 -> queues.forEach(this::read);
                case 4, 5, 6 -> {
                    if (time.begun() > 0) {
                        time.runOne(random);
                    }
                }
                case 7 -> time.advance(random.nextInt(200_000_000));
                case 8 -> rebalance(queues.get(random.nextInt(queues.size())));
                case 9 -> dispatcher.pause();
                case 10 -> dispatcher.resume();
                case 11 -> databaseAway = random.nextInt(3) == 0;
                default -> {
                    int min = 1 + random.nextInt(4);
                    dispatcher.concurrency(min, min + random.nextInt(4));
                }
            }
            assertThat(dispatcher.state(3).running()).isLessThanOrEqualTo(7 * 2 * settings.batch());
        }

        /** A key is always of the same queue. */
        private void send() {
            for (int i = 0; i < 1 + random.nextInt(5); i++) {
                int number = random.nextInt(6);
                String key = number == 5 ? null : "k" + number;
                BrokerQueue queue = queues.get(number % queues.size());
                TestDelivery delivery = TestDelivery.of(queue.log.size(), key, (d, o) -> {});
                String id = number % queues.size() + "/" + delivery.id();
                queue.log.add(renamed(delivery, id));
                if (random.nextInt(5) == 0) {
                    failuresLeft.put(id, 1 + random.nextInt(4));
                }
            }
        }

        private static TestDelivery renamed(TestDelivery delivery, String id) {
            var message = delivery.received().message();
            return new TestDelivery(
                    delivery.position(),
                    new ReceivedMessage(
                            new dev.tally.message.Message(
                                    new dev.tally.message.MessageId(id),
                                    message.destination(),
                                    message.key(),
                                    message.type(),
                                    message.headers(),
                                    message.payload()),
                            1),
                    delivery.settling());
        }

        private void read(BrokerQueue queue) {
            if (queue.reader == null) {
                queue.reader = new Reader(dispatcher.open("q"), queue.acknowledged);
            }
            Reader reader = queue.reader;
            if (reader.ended != null || !reader.dispatched.wantsMore()) {
                return;
            }
            List<TestDelivery> some = new ArrayList<>();
            while (reader.next < queue.log.size() && some.size() < 1 + random.nextInt(6)) {
                TestDelivery logged = queue.log.get((int) reader.next++);
                reader.mark.opened(logged.position());
                some.add(new TestDelivery(logged.position(), logged.received(), (delivery, outcome) -> {
                    assertThat(tried).contains(delivery.id());
                    if (outcome instanceof DeliveryOutcome.DeadLetter) {
                        deadLettered.add(delivery.id());
                    }
                    reader.mark.settled(delivery.position());
                    queue.acknowledged = Math.max(queue.acknowledged, reader.mark.next());
                }));
            }
            reader.dispatched.offer(some);
        }

        /** The queue goes to another member and comes back: it begins again behind what was acknowledged. */
        private void rebalance(BrokerQueue queue) {
            if (queue.reader != null && queue.reader.ended == null) {
                Reader leaving = queue.reader;
                leaving.ended = leaving.dispatched.revoke();
                var unused = leaving.ended.thenRun(() -> {
                    assertThat(leaving.dispatched.open()).isZero();
                    queue.reader = null;
                });
            }
        }

        private void settleAll() {
            dispatcher.resume();
            databaseAway = false;
            for (int round = 0; round < 5_000; round++) {
                queues.forEach(this::read);
                time.runAll();
                if (queues.stream().allMatch(queue -> queue.acknowledged == queue.log.size())) {
                    return;
                }
                time.advance(50_000_000);
            }
        }
    }
}
