package dev.tally.benchmarks.broker;

import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.time.Timing;
import dev.tally.broker.engine.LogMessageStore;
import dev.tally.broker.engine.StoreConfig;
import dev.tally.broker.env.FileSystemDisk;
import dev.tally.broker.env.SystemClock;
import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.TopicConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The store alone, in this process, and what plain code on the same disk reaches: one gathering write of as many
 * records of the same size and one force, over and over, into a file that is really there already.
 */
final class StorageWorkload {

    private static final String TOPIC = "bench-storage";
    private static final int QUEUES = 8;
    private static final int READ_AND_WRITE = 6;
    private static final int FILE_BYTES = 64 * 1024 * 1024;
    private static final int ZEROS_BYTES = 1024 * 1024;
    private static final int RECORD_BYTES = 1160;
    private static final long ENDS_WITHIN_SECONDS = 60;

    private final int producers;
    private final Settings settings;
    private final Timing timing;
    private volatile long recordBytes = RECORD_BYTES;

    StorageWorkload(int producers, Settings settings, Timing timing) {
        this.producers = producers;
        this.settings = settings;
        this.timing = timing;
    }

    /** Producers that append the next message when the last one is durable, on the store's thread. */
    List<Reading> chained(Path directory) throws Exception {
        return withStore(directory, store -> {
            CountDownLatch ended = new CountDownLatch(producers);
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Counter counter = new Counter();
            for (int i = 0; i < producers; i++) {
                next(store, i % QUEUES, counter, ended, failure);
            }
            Reading rate = counter.measure();
            if (!ended.await(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS) || failure.get() != null) {
                throw new BenchmarkException("The producers did not end in order", failure.get());
            }
            return rate;
        });
    }

    private static void next(
            MessageStore store,
            int queueId,
            Counter counter,
            CountDownLatch ended,
            AtomicReference<@Nullable Throwable> failure) {
        var unused = store.append(List.of(message(queueId))).whenComplete((appended, failed) -> {
            if (failed != null) {
                failure.set(failed);
                ended.countDown();
            } else if (counter.count()) {
                next(store, queueId, counter, ended, failure);
            } else {
                ended.countDown();
            }
        });
    }

    /** Producers that are threads, each waiting for its message to be durable. */
    List<Reading> threads(Path directory) throws Exception {
        return withStore(directory, store -> {
            Counter counter = new Counter();
            Thread[] threads = new Thread[producers];
            for (int i = 0; i < producers; i++) {
                int queueId = i % QUEUES;
                threads[i] = new Thread(
                        () -> {
                            do {
                                store.append(List.of(message(queueId))).join();
                            } while (counter.count());
                        },
                        "append-" + i);
                threads[i].start();
            }
            Reading rate = counter.measure();
            for (Thread thread : threads) {
                thread.join();
            }
            return rate;
        });
    }

    private static NewMessage message(int queueId) {
        return new NewMessage(TOPIC, queueId, 0, ByteBuffer.wrap(BODY), Duration.ZERO);
    }

    private static final byte[] BODY = Clients.body();

    /** What is measured on an open store. */
    @FunctionalInterface
    private interface OnStore {
        Reading run(MessageStore store) throws Exception;
    }

    private List<Reading> withStore(Path directory, OnStore body) throws Exception {
        try (LogMessageStore store = LogMessageStore.open(
                StoreConfig.defaults(directory.resolve("data")),
                new FileSystemDisk(),
                new SystemClock(),
                new SplittableRandom(1))) {
            store.saveTopic(new TopicConfig(TOPIC, QUEUES, QUEUES, READ_AND_WRITE, 0))
                    .join();
            Reading rate = body.run(store);
            recordBytes = store.stats().logBytes() / Math.max(1, store.stats().messages());
            return List.of(rate);
        }
    }

    /** The limit. */
    List<Reading> bareLoop(Path directory) throws Exception {
        try (FileChannel file =
                FileChannel.open(directory.resolve("bare"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            allocate(file);
            Counter counter = new Counter();
            AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
            Thread writer = new Thread(() -> write(file, counter, failure), "bare-loop");
            writer.start();
            Reading rate = counter.measure();
            writer.join();
            IOException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            return List.of(rate);
        }
    }

    private static void allocate(FileChannel file) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
        for (int at = 0; at < FILE_BYTES; at += ZEROS_BYTES) {
            zeros.clear();
            while (zeros.hasRemaining()) {
                file.write(zeros, (long) at + zeros.position());
            }
        }
        file.force(true);
        file.position(0);
    }

    private void write(FileChannel file, Counter counter, AtomicReference<@Nullable IOException> failure) {
        ByteBuffer[] batch = new ByteBuffer[producers];
        for (int i = 0; i < producers; i++) {
            batch[i] = ByteBuffer.allocateDirect((int) recordBytes);
        }
        long bytes = producers * recordBytes;
        boolean goOn = true;
        try {
            while (goOn) {
                if (file.position() + bytes > FILE_BYTES) {
                    file.position(0);
                }
                for (ByteBuffer buffer : batch) {
                    buffer.clear();
                }
                for (long left = bytes; left > 0; ) {
                    left -= file.write(batch);
                }
                file.force(false);
                for (int i = 0; i < producers; i++) {
                    goOn = counter.count();
                }
            }
        } catch (IOException e) {
            failure.set(e);
        }
    }

    /** Counts what is durable, and says when to stop. */
    private final class Counter {

        private final AtomicLong durable = new AtomicLong();
        private volatile boolean over;

        boolean count() {
            durable.incrementAndGet();
            return !over;
        }

        Reading measure() throws InterruptedException {
            try {
                timing.pause(settings.warmUp());
                long before = durable.get();
                long start = timing.nanos();
                timing.pause(settings.window());
                long counted = durable.get() - before;
                return new Reading(counted * 1e9 / timing.since(start).toNanos(), "messages/s");
            } finally {
                over = true;
            }
        }
    }
}
