package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.retention.RetentionConfig;
import dev.tally.broker.store.EndedPop;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.PopCall;
import dev.tally.broker.store.PopReceipt;
import dev.tally.broker.store.Popped;
import dev.tally.broker.store.ReadResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Much that was popped and not acknowledged: on a real disk, and when the log's front is removed. {@code
 * -Dtally.large.popped} says how much (default 100,000; the store's limit is 500,000).
 */
class PopStateTest {

    private static final int POPPED = Integer.getInteger("tally.large.popped", 100_000);
    private static final int QUEUES = 8;
    private static final int AT_ONCE = 4_000;
    private static final int OF_A_POP = 32;
    private static final long MONTH = TimeUnit.DAYS.toMillis(30);
    private static final String GROUP = "poppers";

    @TempDir
    Path directory;

    private LogMessageStore open(ManualClock clock) throws IOException {
        return LogMessageStore.open(StoreConfig.defaults(directory), new FileSystemDisk(), clock, new Random(3));
    }

    private static PopCall call(ManualClock clock, int queue, int most) {
        return new PopCall(
                GROUP,
                StoreFixture.TOPIC,
                queue,
                true,
                most,
                1 << 20,
                clock.millis(),
                MONTH,
                false,
                "",
                t -> true,
                null);
    }

    private static void fill(LogMessageStore store) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < POPPED; i++) {
            answers.add(store.append(List.of(
                    new NewMessage(StoreFixture.TOPIC, i % QUEUES, 0, ByteBuffer.allocate(100), Duration.ZERO))));
            if (answers.size() == AT_ONCE) {
                answers.forEach(CompletableFuture::join);
                answers.clear();
            }
        }
        answers.forEach(CompletableFuture::join);
    }

    private static void popAll(LogMessageStore store, ManualClock clock) {
        int before = -1;
        while (before < store.poppedInFlight()) {
            before = store.poppedInFlight();
            List<CompletableFuture<Popped>> pops = new ArrayList<>();
            for (int queue = 0; queue < QUEUES; queue++) {
                pops.add(store.pop(call(clock, queue, OF_A_POP)));
            }
            pops.forEach(CompletableFuture::join);
        }
    }

    private void loseSnapshots() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("snapshot"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void startsInSecondsWithAllThatWasHandedOutFromTheLogAndFromASnapshot() throws IOException {
        ManualClock clock = new ManualClock();
        try (LogMessageStore store = open(clock)) {
            fill(store);
            popAll(store, clock);
            assertThat(store.poppedInFlight()).isEqualTo(POPPED);
        }
        for (String from : List.of("the log alone", "a snapshot")) {
            if (from.equals("the log alone")) {
                loseSnapshots();
            }
            long started = System.nanoTime();
            try (LogMessageStore store = open(clock)) {
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
                System.out.println("popped and not acknowledged: " + POPPED + " started in " + millis + " ms from "
                        + from + ", records read: " + store.recovery().records());
                assertThat(store.poppedInFlight()).isEqualTo(POPPED);
                assertThat(millis).isLessThan(60_000);
                store.snapshot().join();
            }
        }
    }

    @Test
    void retentionLeavesWhatMayHaveToBeDeliveredAgain() {
        StoreFixture fixture = new StoreFixture();
        fixture.config = fixture.config.withRetention(RetentionConfig.defaults());
        fixture.open();
        TreeSet<String> pending = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            fixture.append("m" + i + "x".repeat(900));
        }
        Popped popped = fixture.store
                .pop(new PopCall(
                        GROUP,
                        StoreFixture.TOPIC,
                        0,
                        true,
                        100,
                        1 << 20,
                        fixture.clock.millis(),
                        MONTH,
                        false,
                        "",
                        tag -> true,
                        null))
                .join();
        // Everything but each tenth is done, the first ones as well.
        popped.messages().forEach(message -> {
            long offset = message.message().queueOffset();
            if (offset < 50 || offset % 10 != 0) {
                PopReceipt receipt = new PopReceipt(GROUP, StoreFixture.TOPIC, 0, offset, popped.popMillis());
                assertThat(fixture.store.acknowledge(List.of(receipt)).join()).containsExactly(true);
            } else {
                pending.add(StoreFixture.body(message.message()));
            }
        });
        int segments = fixture.disk.list(StoreFixture.DIRECTORY.resolve("log")).size();
        fixture.clock.advance(Duration.ofHours(73));
        for (int i = 0; i < 20; i++) {
            fixture.append("young" + i + "x".repeat(900));
        }

        fixture.store.retain();

        assertThat(fixture.disk.list(StoreFixture.DIRECTORY.resolve("log")).size())
                .as("what is done is gone")
                .isLessThan(segments);
        for (Loss loss : List.of(Loss.EVERYTHING, Loss.NOTHING)) {
            fixture.crash(loss);
            fixture.loseDerived();
            fixture.open();
            assertThat(fixture.store.poppedInFlight()).isEqualTo(pending.size());
        }
        fixture.clock.advance(Duration.ofDays(31));
        TreeSet<String> again = new TreeSet<>();
        for (EndedPop ended : fixture.store.pollEndedPops(1_000)) {
            ReadResult found = fixture.store.read(
                    StoreFixture.TOPIC, 0, ended.receipt().offset(), 1, Integer.MAX_VALUE, tag -> true);
            again.add(StoreFixture.body(found.messages().get(0)));
        }
        assertThat(again).isEqualTo(pending);
    }
}
