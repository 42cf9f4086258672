package dev.tally.broker.engine;

import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Measures a store on a real disk, by hand: {@code fill DIR messages bytes topics queues}, {@code halves DIR count},
 * {@code open DIR}. {@code fill} and {@code halves} end like a kill: nothing is closed.
 */
final class StoreMeasurement {

    private static final int IN_FLIGHT = 20_000;

    private StoreMeasurement() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[1]);
        long began = System.nanoTime();
        LogMessageStore store = LogMessageStore.open(
                StoreConfig.defaults(directory), new FileSystemDisk(), new SystemClock(), new Random(1));
        report("ready", began);
        System.out.println(store.recovery());
        switch (args[0]) {
            case "fill" -> fill(store, args);
            case "halves" -> halves(store, Integer.parseInt(args[2]));
            default -> System.out.println(store.stats());
        }
        report(
                "done, snapshot at " + store.snapshots().lastPosition() + ", log end "
                        + store.stats().logBytes(),
                began);
        Runtime.getRuntime().halt(0);
    }

    private static void report(String what, long began) {
        long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
        System.out.println(what + " after ms=" + millis + " cpu ms="
                + ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis() + " heap MiB=" + (usedBytes() >> 20));
    }

    static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static void fill(LogMessageStore store, String[] args) {
        int messages = Integer.parseInt(args[2]);
        byte[] payload = new byte[Integer.parseInt(args[3])];
        int topics = Integer.parseInt(args[4]);
        int queues = Integer.parseInt(args[5]);
        Deque<CompletableFuture<List<Appended>>> inFlight = new ArrayDeque<>();
        long began = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            String topic = "topic-" + i / queues % topics;
            inFlight.add(store.append(
                    List.of(new NewMessage(topic, i % queues, i, ByteBuffer.wrap(payload), Duration.ZERO))));
            if (inFlight.size() > IN_FLIGHT) {
                inFlight.remove().join();
            }
            if (i % Math.max(1, messages / 10) == 0) {
                report("stored " + i, began);
            }
        }
        inFlight.forEach(CompletableFuture::join);
    }

    private static void halves(LogMessageStore store, int count) {
        Deque<CompletableFuture<Appended>> inFlight = new ArrayDeque<>();
        byte[] payload = new byte[100];
        for (int i = 0; i < count; i++) {
            NewMessage message = new NewMessage("halves", i % 4, i, ByteBuffer.wrap(payload), Duration.ZERO);
            inFlight.add(store.prepare(new NewHalf(message, "producers-" + i % 3, "tx-" + i, null)));
            if (inFlight.size() > IN_FLIGHT) {
                Appended half = inFlight.remove().join();
                if (half.position() % 7 == 0) {
                    store.decide(StoreFixture.request(half.position(), Decision.COMMIT));
                }
            }
        }
        inFlight.forEach(CompletableFuture::join);
        System.out.println("undecided " + store.stats().undecided() + ", listed "
                + store.undecided(HalfState.PREPARED, 3).size());
    }
}
