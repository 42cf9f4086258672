package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.TOPIC;
import static dev.tally.broker.engine.StoreFixture.half;
import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.env.DirectoryLockedException;
import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealDiskTest {

    private static final int THREADS = 16;
    private static final int MESSAGES = 200;

    @TempDir
    Path directory;

    private LogMessageStore open() throws IOException {
        return LogMessageStore.open(
                StoreConfig.defaults(directory).withSegmentBytes(64 * 1024, 256 * 1024),
                new FileSystemDisk(),
                new SystemClock(),
                new Random(1));
    }

    @Test
    void keepsEachProducersOrderOfSixteenAtOnce() throws Exception {
        try (LogMessageStore store = open()) {
            ExecutorService producers = Executors.newFixedThreadPool(THREADS);
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int id = thread;
                done.add(producers.submit(producing(store, id)));
            }
            for (Future<?> future : done) {
                future.get(60, TimeUnit.SECONDS);
            }
            producers.shutdown();
            assertComplete(store);
        }
        try (LogMessageStore store = open()) {
            assertComplete(store);
        }
    }

    private static Callable<Void> producing(LogMessageStore store, int id) {
        return () -> {
            for (int i = 0; i < MESSAGES; i++) {
                String body = id + "/" + i;
                if (i % 2 == 0) {
                    store.append(List.of(message(body))).join();
                } else {
                    long position = store.prepare(half(body)).join().position();
                    store.decide(StoreFixture.request(position, Decision.COMMIT))
                            .join();
                }
            }
            return null;
        };
    }

    private static void assertComplete(LogMessageStore store) {
        Map<String, Integer> next = new HashMap<>();
        long offset = 0;
        while (true) {
            ReadResult result = store.read(TOPIC, 0, offset, 100, 10_000, tag -> true);
            if (result.status() == ReadResult.Status.AT_END) {
                break;
            }
            for (StoredMessage message : result.messages()) {
                String[] parts = StoreFixture.body(message).split("/", 2);
                assertThat(Integer.parseInt(parts[1])).isEqualTo(next.getOrDefault(parts[0], 0));
                next.merge(parts[0], 1, Integer::sum);
            }
            offset = result.nextOffset();
        }
        assertThat(next).hasSize(THREADS).allSatisfy((id, count) -> assertThat(count)
                .isEqualTo(MESSAGES));
        assertThat(store.undecided(HalfState.PREPARED, 9)).isEmpty();
    }

    @Scenario("broker-45")
    @Test
    void refusesASecondOwnerAndNamesTheFirst() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        try (LogMessageStore store = open()) {
            for (int attempt = 0; attempt < 3; attempt++) {
                assertThatThrownBy(this::open)
                        .isInstanceOf(DirectoryLockedException.class)
                        .hasMessageContaining(pid)
                        .hasMessageContaining(directory.toString());
            }
            assertThat(otherProcessLocks())
                    .as("the lock outlives refused attempts")
                    .contains("LOCKED by " + pid);
            store.append(List.of(message("a"))).join();
        }
        assertThat(otherProcessLocks()).contains("FREE");
        open().close();
    }

    private String otherProcessLocks() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockProbe.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void survivesInterruptedCallers() throws Exception {
        try (LogMessageStore store = open()) {
            store.append(List.of(message("a"))).join();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread interrupted = new Thread(() -> {
                try {
                    for (int i = 0; i < 50; i++) {
                        Thread.currentThread().interrupt();
                        store.append(List.of(message("b" + i)));
                        store.read(TOPIC, 0, 0, 100, 10_000, tag -> true);
                        store.messageAt(104);
                    }
                } catch (RuntimeException | Error e) {
                    failure.set(e);
                }
            });
            interrupted.start();
            interrupted.join();
            assertThat(failure.get()).isNull();
            store.append(List.of(message("c"))).join();
            assertThat(store.maxOffset(TOPIC, 0)).isEqualTo(52);
        }
    }

    @Test
    void opensAndClosesManyTimesWithoutLeavingThreads() throws Exception {
        for (int i = 0; i < 30; i++) {
            try (LogMessageStore store = open()) {
                store.append(List.of(message("m" + i))).join();
            }
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("tally-store")));
        try (LogMessageStore store = open()) {
            assertThat(store.maxOffset(TOPIC, 0)).isEqualTo(30);
        }
    }

    @Test
    void showsADelayedMessageByItself() throws Exception {
        try (LogMessageStore store = open()) {
            store.append(List.of(message("d", Duration.ofMillis(20)))).join();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> store.maxOffset(TOPIC, 0) == 1);
        }
    }
}
