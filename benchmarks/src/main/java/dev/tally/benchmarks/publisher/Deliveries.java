package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Where every contender delivers: counts how often each order arrived, and notes when it did first. Thread-safe. */
final class Deliveries {

    private static final int CHUNK_BITS = 16;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final String BEFORE_ID = "{\"orderId\":";
    private static final int ID_DIGITS = 10;
    private static final int TENTHS = 10;

    private final Map<Long, Chunk> chunks = new ConcurrentHashMap<>();
    private final AtomicLong distinct = new AtomicLong();
    private final LongAdder duplicates = new LongAdder();
    private final AtomicLongArray tenths = new AtomicLongArray(TENTHS);
    private final Timing timing;
    private final DeliveryLog log;
    private volatile long tenth = Long.MAX_VALUE;
    private volatile long firstNanos;
    private volatile long lastNanos;

    Deliveries(Timing timing, DeliveryLog log) {
        this.timing = timing;
        this.log = log;
    }

    /** Counts by order: how often, and when first. */
    private static final class Chunk {
        private final AtomicIntegerArray counts = new AtomicIntegerArray(CHUNK);
        private final AtomicLongArray nanos = new AtomicLongArray(CHUNK);
    }

    /** Notes when each tenth of so many has arrived. */
    void expect(long count) {
        tenth = Math.max(1, count / TENTHS);
    }

    /** An order as bytes of JSON arrived. */
    void delivered(byte[] json) {
        if (json.length != Order.JSON_BYTES) {
            throw new BenchmarkException("A message is not an order of " + Order.JSON_BYTES + " bytes: "
                    + new String(json, StandardCharsets.UTF_8));
        }
        long orderId = 0;
        for (int i = BEFORE_ID.length(); i < BEFORE_ID.length() + ID_DIGITS; i++) {
            orderId = orderId * 10 + (json[i] - '0');
        }
        delivered(orderId);
    }

    /** An order arrived. */
    void delivered(long orderId) {
        long now = timing.nanos();
        long place = orderId - Order.FIRST_ID;
        if (place < 0) {
            throw new BenchmarkException("There is no order " + orderId);
        }
        Chunk chunk = chunks.computeIfAbsent(place >>> CHUNK_BITS, number -> new Chunk());
        int index = (int) (place & (CHUNK - 1));
        log.write(orderId, now);
        if (chunk.counts.getAndIncrement(index) > 0) {
            duplicates.increment();
            return;
        }
        chunk.nanos.set(index, now);
        long count = distinct.incrementAndGet();
        if (count == 1) {
            firstNanos = now;
        }
        if (count % tenth == 0 && count / tenth <= TENTHS) {
            tenths.set((int) (count / tenth) - 1, now);
        }
        lastNanos = now;
    }

    /** How many different orders have arrived. */
    long distinct() {
        return distinct.get();
    }

    /** How many arrivals were not the first of their order. */
    long duplicates() {
        return duplicates.sum();
    }

    /** When the first order arrived. */
    long firstNanos() {
        return firstNanos;
    }

    /** When the last order that was new arrived. */
    long lastNanos() {
        return lastNanos;
    }

    /** When each tenth of what is expected had arrived. */
    long[] tenths() {
        long[] all = new long[TENTHS];
        for (int i = 0; i < TENTHS; i++) {
            all[i] = tenths.get(i);
        }
        return all;
    }

    /** When an order arrived first; 0 for never. */
    long nanosOf(long orderId) {
        long place = orderId - Order.FIRST_ID;
        Chunk chunk = chunks.get(place >>> CHUNK_BITS);
        return chunk == null ? 0 : chunk.nanos.get((int) (place & (CHUNK - 1)));
    }
}
