package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.pop.LeaseEntry;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.EndedPop;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.PopCall;
import dev.tally.broker.store.PopExtension;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.Popped;
import dev.tally.broker.store.StoredMessage;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/**
 * Crashes at every step, and at random steps of random workloads of consumers that pop: whatever is lost, no message is
 * neither done nor to be had, and none that is done comes again. {@code tally.simulation.pop.runs} random runs, 300 by
 * default.
 */
class PopCrashTest {

    private static final String GROUP = "poppers";
    private static final String PLAIN = StoreFixture.TOPIC;
    private static final String RETRY = "retry";
    private static final int RUNS = Integer.getInteger("tally.simulation.pop.runs", 300);
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker");

    @BeforeAll
    static void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
    }

    private static final class Run {

        private final StoreFixture fixture;
        private final Random random;
        private final boolean ordered;
        private final Map<String, CompletableFuture<?>> appends = new LinkedHashMap<>();
        private final List<PopReceipt> out = new ArrayList<>();
        private final Map<PopReceipt, CompletableFuture<List<Boolean>>> acks = new LinkedHashMap<>();
        private final Map<PopReceipt, CompletableFuture<Boolean>> ends = new LinkedHashMap<>();
        private final Map<PopReceipt, Boolean> extended = new HashMap<>();
        private int number;

        Run(long seed, int crashAt, boolean ordered) {
            random = new Random(seed);
            this.ordered = ordered;
            fixture = fixtureOn(new SimulatedDisk(seed).crashAtStep(crashAt), new ManualClock());
        }

        static StoreFixture fixtureOn(SimulatedDisk disk, ManualClock clock) {
            StoreFixture fixture = new StoreFixture(disk, clock);
            fixture.config = fixture.config
                    .withSegmentBytes(2048, 4096)
                    .withRetention(RetentionConfig.defaults().withMaxBytes(12 * 1024));
            fixture.derived = new DerivedConfig(fixture.derived.index(), fixture.derived.snapshots(), 8 * 1024);
            return fixture;
        }

        void run(int rounds) {
            try {
                fixture.open();
            } catch (UncheckedIOException e) {
                assertThat(fixture.disk.crashed()).isTrue();
                return;
            }
            for (int round = 0; round < rounds && !fixture.disk.crashed(); round++) {
                fixture.workers.hold();
                int together = 1 + random.nextInt(3);
                List<Runnable> answers = new ArrayList<>();
                for (int i = 0; i < together; i++) {
                    operate(answers);
                }
                fixture.workers.release();
                answers.forEach(Runnable::run);
                switch (random.nextInt(12)) {
                    case 0 -> fixture.store.retain();
                    case 1 -> fixture.store.snapshot();
                    case 2, 3 -> fixture.clock.advance(Duration.ofSeconds(random.nextInt(20)));
                    default -> {}
                }
            }
        }

        private void operate(List<Runnable> answers) {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> append();
                case 3, 4 -> pop(PLAIN, answers);
                case 5 -> pop(RETRY, answers);
                case 6, 7 -> acknowledge();
                case 8 -> extend(answers);
                default -> end();
            }
        }

        private void append() {
            String body = "m" + number++ + "-" + "x".repeat(random.nextInt(300));
            appends.put(body, fixture.store.append(List.of(StoreFixture.message(body))));
        }

        private void pop(String topic, List<Runnable> answers) {
            CompletableFuture<Popped> popped = fixture.store.pop(new PopCall(
                    GROUP,
                    topic,
                    0,
                    true,
                    1 + random.nextInt(4),
                    1 << 20,
                    fixture.clock.millis(),
                    10_000,
                    ordered && topic.equals(PLAIN),
                    random.nextInt(3) == 0 ? "same" : "",
                    tag -> random.nextInt(10) > 0 || !topic.equals(RETRY),
                    null));
            answers.add(() -> {
                if (!popped.isCompletedExceptionally()) {
                    Popped taken = popped.join();
                    taken.messages()
                            .forEach(message -> out.add(new PopReceipt(
                                    GROUP, topic, 0, message.message().queueOffset(), taken.popMillis())));
                }
            });
        }

        private PopReceipt any() {
            return out.get(random.nextInt(out.size()));
        }

        private void acknowledge() {
            if (!out.isEmpty()) {
                PopReceipt receipt = any();
                CompletableFuture<List<Boolean>> answer = fixture.store.acknowledge(List.of(receipt));
                acks.merge(receipt, answer, (before, now) -> yes(before) ? before : now);
            }
        }

        private boolean yes(CompletableFuture<List<Boolean>> answer) {
            return answer.isDone()
                    && !answer.isCompletedExceptionally()
                    && answer.join().get(0);
        }

        private void extend(List<Runnable> answers) {
            if (!out.isEmpty()) {
                PopReceipt receipt = any();
                CompletableFuture<PopExtension> answer = fixture.store.extendPop(receipt, random.nextInt(15_000));
                extended.put(receipt, true);
                answers.add(() -> {
                    if (!answer.isCompletedExceptionally() && answer.join() != null) {
                        out.add(new PopReceipt(
                                GROUP,
                                receipt.topic(),
                                0,
                                receipt.offset(),
                                answer.join().popMillis()));
                    }
                });
            }
        }

        private void end() {
            for (EndedPop ended : fixture.store.pollEndedPops(3)) {
                PopReceipt receipt = ended.receipt();
                if (!ended.ordered()) {
                    ends.put(receipt, fixture.store.endPop(receipt, copyOf(receipt)));
                }
            }
        }

        private static NewMessage copyOf(PopReceipt receipt) {
            byte[] body = name(receipt.topic(), receipt.offset()).getBytes(StandardCharsets.UTF_8);
            return new NewMessage(RETRY, 0, 0, ByteBuffer.wrap(body), Duration.ZERO);
        }

        private static String name(String topic, long offset) {
            return "copy of " + topic + " " + offset;
        }

        void check(StoreFixture after, Loss loss) {
            Map<String, List<Long>> copies = new HashMap<>();
            for (StoredMessage message : all(after, RETRY)) {
                copies.computeIfAbsent(StoreFixture.body(message), absent -> new ArrayList<>())
                        .add(message.queueOffset());
            }
            for (String topic : List.of(PLAIN, RETRY)) {
                checkTopic(after, topic, copies);
            }
            long removed = after.store.minOffset(PLAIN, 0);
            assertThat(removed)
                    .as("retention removes nothing that is not done")
                    .isLessThanOrEqualTo(
                            after.store.committedOffset(GROUP, PLAIN, 0).orElse(0));
            if (loss == Loss.NOTHING) {
                checkLeases(after);
            }
        }

        private void checkTopic(StoreFixture after, String topic, Map<String, List<Long>> copies) {
            PopKey key = new PopKey(GROUP, topic, 0);
            Set<Long> leased = leased(after, key);
            long next = after.store.state().pops.next(key, 0);
            long progress = after.store.committedOffset(GROUP, topic, 0).orElse(0);
            assertThat(progress)
                    .isEqualTo(leased.stream().mapToLong(o -> o).min().orElse(next));
            assertThat(next).isLessThanOrEqualTo(after.store.maxOffset(topic, 0));
            Set<Long> mayBeDone = new HashSet<>();
            acks.forEach((receipt, answer) -> {
                if (receipt.topic().equals(topic)) {
                    boolean yes = yes(answer);
                    boolean unknown = answer.isCompletedExceptionally();
                    if (yes || unknown) {
                        mayBeDone.add(receipt.offset());
                    }
                    if (yes) {
                        assertThat(receipt.offset()).as("done %s", receipt).isLessThan(next);
                        assertThat(leased).as("done %s", receipt).doesNotContain(receipt.offset());
                        assertThat(copies).doesNotContainKey(name(topic, receipt.offset()));
                    }
                }
            });
            for (long offset = after.store.minOffset(topic, 0); offset < after.store.maxOffset(topic, 0); offset++) {
                boolean open = offset >= next || leased.contains(offset);
                int copied = copies.getOrDefault(name(topic, offset), List.of()).size();
                assertThat(copied)
                        .as("copied at most once: %s %s", topic, offset)
                        .isLessThanOrEqualTo(open ? 0 : 1);
                if (!open && copied == 0 && topic.equals(PLAIN)) {
                    assertThat(mayBeDone)
                            .as("neither done nor to be had: %s %s", topic, offset)
                            .contains(offset);
                }
            }
            ends.forEach((receipt, answer) -> {
                if (receipt.topic().equals(topic) && !answer.isCompletedExceptionally() && answer.join()) {
                    assertThat(leased).doesNotContain(receipt.offset());
                    assertThat(receipt.offset()).isLessThan(next);
                    assertThat(after.store.maxOffset(RETRY, 0)).isPositive();
                }
            });
        }

        private static Set<Long> leased(StoreFixture after, PopKey key) {
            Set<Long> leased = new HashSet<>();
            after.store.state().pops.forEach(queue -> {
                if (queue.key().equals(key)) {
                    queue.leases().stream().map(LeaseEntry::offset).forEach(leased::add);
                }
            });
            return leased;
        }

        /** A kill takes nothing of what was handed out. */
        private void checkLeases(StoreFixture after) {
            Set<Long> leased = leased(after, new PopKey(GROUP, PLAIN, 0));
            Set<Long> touched = new HashSet<>();
            acks.keySet().stream().filter(r -> r.topic().equals(PLAIN)).forEach(r -> touched.add(r.offset()));
            ends.keySet().stream().filter(r -> r.topic().equals(PLAIN)).forEach(r -> touched.add(r.offset()));
            for (PopReceipt receipt : out) {
                if (receipt.topic().equals(PLAIN) && !touched.contains(receipt.offset())) {
                    assertThat(leased).as("handed out %s", receipt).contains(receipt.offset());
                }
            }
        }

        private static List<StoredMessage> all(StoreFixture after, String topic) {
            return after.store
                    .read(topic, 0, after.store.minOffset(topic, 0), Integer.MAX_VALUE, Integer.MAX_VALUE, tag -> true)
                    .messages();
        }
    }

    private static int explore(long seed, int step, int rounds, boolean ordered, Loss loss) {
        try {
            Run run = new Run(seed, step, ordered);
            run.run(rounds);
            if (step == Integer.MAX_VALUE) {
                return run.fixture.disk.steps();
            }
            StoreFixture after = Run.fixtureOn(run.fixture.disk.afterCrash(loss, seed), run.fixture.clock);
            after.open();
            String first = StateDump.of(after.store);
            run.check(after, loss);
            after.crash(Loss.EVERYTHING);
            after.open();
            assertThat(StateDump.of(after.store)).as("the same after a restart").isEqualTo(first);
            after.crash(Loss.EVERYTHING);
            after.loseDerived();
            after.open();
            assertThat(StateDump.of(after.store))
                    .as("the log alone tells the same")
                    .isEqualTo(first);
            after.append("the store goes on");
            return 0;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed=" + seed + " step=" + step + " rounds=" + rounds + " ordered=" + ordered + " loss=" + loss,
                    e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void neitherLosesNorRepeatsAnythingWhereverItCrashes(boolean ordered) {
        long seed = 4_711;
        int rounds = 60;
        int steps = explore(seed, Integer.MAX_VALUE, rounds, ordered, Loss.NOTHING);
        assertThat(steps).isGreaterThan(100);
        for (int step = 1; step <= steps + 1; step++) {
            explore(seed, step, rounds, ordered, Loss.values()[step % 3]);
            explore(seed, step, rounds, ordered, Loss.NOTHING);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void neitherLosesNorRepeatsAnythingInRandomRuns(boolean ordered) {
        long base = Long.getLong("tally.simulation.seed", 1L);
        for (int run = 0; run < RUNS; run++) {
            Random random = new Random(base + run);
            explore(
                    base + run,
                    1 + random.nextInt(1200),
                    50 + random.nextInt(250),
                    ordered,
                    Loss.values()[random.nextInt(3)]);
        }
    }
}
