package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.UndecidedHalf;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Much of everything on a real disk. Sizes: {@code -Dtally.large.halves} (100,000), {@code -Dtally.large.backlog}
 * (300,000), {@code -Dtally.large.topics} (2,000).
 */
class LargeStateTest {

    private static final int HALVES = Integer.getInteger("tally.large.halves", 100_000);
    private static final int BACKLOG = Integer.getInteger("tally.large.backlog", 300_000);
    private static final int TOPICS = Integer.getInteger("tally.large.topics", 2_000);
    private static final int AT_ONCE = 5_000;
    private static final int QUEUES = 4;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();

    private LogMessageStore open() throws IOException {
        return LogMessageStore.open(StoreConfig.defaults(directory), new FileSystemDisk(), clock, new Random(3));
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }

    private static NewMessage message(String topic, int number) {
        return new NewMessage(topic, number % QUEUES, number, ByteBuffer.allocate(100), Duration.ZERO);
    }

    @Scenario("broker-26")
    @Test
    void isReadyWithAllUndecidedHalvesAndSpreadsTheirFirstChecks() throws IOException {
        try (LogMessageStore store = open()) {
            prepareMany(store);
            store.snapshot().join();
            store.append(List.of(message("behind", 1))).join();
        }
        long before = usedBytes();
        try (LogMessageStore store = open()) {
            assertThat(store.recovery().records())
                    .as("read from the log behind the snapshot")
                    .isLessThan(100);
            assertThat(store.stats().undecided()).isEqualTo(HALVES);
            assertThat((usedBytes() - before) / (double) HALVES)
                    .as("bytes of memory for each")
                    .isLessThan(140);
            assertSpread(store);
        }
    }

    private static void prepareMany(LogMessageStore store) {
        List<CompletableFuture<Appended>> answers = new ArrayList<>();
        for (int i = 0; i < HALVES; i++) {
            answers.add(store.prepare(new NewHalf(message("halves", i), "producers-" + i % 3, "tx-" + i, null)));
            if (answers.size() == AT_ONCE) {
                answers.forEach(CompletableFuture::join);
                answers.clear();
            }
        }
        answers.forEach(CompletableFuture::join);
    }

    /** A millisecond for each, so that a second brings about a thousand: no more than twice that, and each once. */
    private void assertSpread(LogMessageStore store) {
        assertThat(store.pollDueChecks(Integer.MAX_VALUE))
                .as("the immunity counts")
                .isEmpty();
        clock.advance(Duration.ofSeconds(6));
        Set<Long> asked = new HashSet<>();
        int seconds = 0;
        for (; asked.size() < HALVES && seconds < HALVES / 100; seconds++) {
            clock.advance(Duration.ofSeconds(1));
            List<UndecidedHalf> due = store.pollDueChecks(Integer.MAX_VALUE);
            int fresh = 0;
            for (UndecidedHalf half : due) {
                fresh += asked.add(half.position()) ? 1 : 0;
                store.checkDelivered(half.position());
            }
            assertThat(fresh).as("first checks in second %s", seconds).isLessThan(2_000);
        }
        assertThat(asked).hasSize(HALVES);
        assertThat(seconds).as("seconds until all were asked").isBetween(HALVES / 2_000, HALVES / 500);
        assertThat(store.stats().undecided()).isEqualTo(HALVES);
        assertThat(store.undecided(HalfState.PREPARED, 5)).hasSize(5);
    }

    @Test
    void aBacklogTakesNoMemoryAndCanBeReadFromItsStartToItsEnd() throws IOException {
        long flat;
        try (LogMessageStore store = open()) {
            append(store, 0, BACKLOG / 10);
            long before = usedBytes();
            append(store, BACKLOG / 10, BACKLOG);
            flat = usedBytes() - before;
            assertThat(flat)
                    .as("bytes for %s messages more", BACKLOG - BACKLOG / 10)
                    .isLessThan(BACKLOG * 16L);
            readAll(store);
        }
        try (LogMessageStore store = open()) {
            readAll(store);
        }
    }

    /** One group reads the backlog from its start, again and again, while another lives at the end. */
    @Scenario("broker-32")
    @Test
    void aGroupFarBehindHoldsUpNeitherPublishersNorOtherGroupsAndFillsNoMemory() throws Exception {
        int live = 2_000;
        try (LogMessageStore store = open()) {
            append(store, 0, BACKLOG);
            long before = usedBytes();
            AtomicBoolean enough = new AtomicBoolean();
            AtomicInteger rounds = new AtomicInteger();
            FutureTask<Void> behind = new FutureTask<>(() -> {
                while (!enough.get() || rounds.get() == 0) {
                    readAll(store);
                    rounds.incrementAndGet();
                }
                return null;
            });
            new Thread(behind, "far-behind").start();
            long slowest = 0;
            for (int i = 0; i < live; i++) {
                long began = System.nanoTime();
                Appended appended =
                        store.append(List.of(message("live", i))).join().get(0);
                ReadResult read = store.read("live", i % QUEUES, appended.queueOffset(), 1, 1, tag -> true);
                slowest = Math.max(slowest, System.nanoTime() - began);
                assertThat(read.messages()).hasSize(1);
                assertThat(read.messages().get(0).position()).isEqualTo(appended.position());
            }
            enough.set(true);
            behind.get();
            assertThat(rounds.get()).isPositive();
            // Alone it takes a millisecond; a full disk cache or a held lock would take as long as a round.
            assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(5));
            assertThat(usedBytes() - before).as("bytes of memory").isLessThan(BACKLOG * 16L);
        }
    }

    private static void append(LogMessageStore store, int from, int to) {
        List<CompletableFuture<List<Appended>>> answers = new ArrayList<>();
        for (int i = from; i < to; i += 100) {
            List<NewMessage> group = new ArrayList<>();
            for (int j = i; j < i + 100; j++) {
                group.add(message("backlog", j));
            }
            answers.add(store.append(group));
            if (answers.size() == AT_ONCE / 100) {
                answers.forEach(CompletableFuture::join);
                answers.clear();
            }
        }
        answers.forEach(CompletableFuture::join);
    }

    private static void readAll(LogMessageStore store) {
        for (int queue = 0; queue < QUEUES; queue++) {
            long offset = 0;
            while (offset < BACKLOG / QUEUES) {
                ReadResult result = store.read("backlog", queue, offset, 32, Integer.MAX_VALUE, tag -> true);
                assertThat(result.messages()).isNotEmpty();
                assertThat(result.messages().get(0).tagsHash()).isEqualTo(offset * QUEUES + queue);
                offset = result.nextOffset();
            }
            assertThat(store.maxOffset("backlog", queue)).isEqualTo(BACKLOG / QUEUES);
        }
    }

    @Test
    void keepsThousandsOfTopicsApart() throws IOException {
        int rounds = 3;
        try (LogMessageStore store = open()) {
            List<CompletableFuture<List<Appended>>> answers = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < TOPICS * QUEUES; i++) {
                    answers.add(store.append(List.of(message("topic-" + i / QUEUES, i))));
                }
            }
            answers.forEach(CompletableFuture::join);
        }
        try (LogMessageStore store = open()) {
            assertThat(store.recovery().records()).isLessThan(100);
            for (int i = 0; i < TOPICS * QUEUES; i++) {
                QueueIndex queue = store.state().queues.obtain("topic-" + i / QUEUES, i % QUEUES);
                assertThat(queue.next()).isEqualTo(rounds);
            }
            long offset = store.append(List.of(message("topic-" + (TOPICS - 1), 0)))
                    .join()
                    .get(0)
                    .queueOffset();
            assertThat(offset).isEqualTo(rounds);
        }
    }

    /** Decisions made and remembered are as many as the bound allows, also across starts. */
    @Test
    void remembersABoundedNumberOfDecisionsInASnapshot() throws IOException {
        StoreFixture fixture = new StoreFixture();
        fixture.config = fixture.config.withRememberedDecisions(20);
        fixture.open();
        List<Long> positions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            long position = fixture.prepare("h" + i);
            fixture.decide(position, Decision.COMMIT);
            positions.add(position);
        }
        fixture.store.snapshot().join();
        String before = StateDump.of(fixture.store);

        fixture.crashAndReopen();

        assertThat(StateDump.of(fixture.store)).isEqualTo(before);
        assertThat(before.lines().filter(line -> line.startsWith("DecidedEntry")))
                .hasSizeBetween(10, 20);
    }
}
