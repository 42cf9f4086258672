package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What became of the purchases that this process has begun, if they end here. Thread-safe. */
final class Progress {

    private static final int DIGITS = 3;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(1);
    private static final Duration ENDS_WITHIN = Duration.ofMinutes(3);

    private final Timing timing;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    /** Of purchases of which one of both is known: when they were committed, or when they ended. */
    private final Map<Long, Long> nanosByPurchase = new ConcurrentHashMap<>();

    private volatile Histogram latencies = new ConcurrentHistogram(DIGITS);

    Progress(Timing timing) {
        this.timing = timing;
    }

    /** Latencies are collected anew. */
    void forgetLatencies() {
        latencies = new ConcurrentHistogram(DIGITS);
    }

    /** The transaction that begins a purchase has committed. */
    void begun(long purchase) {
        begun.incrementAndGet();
        long now = timing.nanos();
        if (nanosByPurchase.putIfAbsent(purchase, now) != null) {
            // Who carries it on was faster than the thread that came back from the commit.
            nanosByPurchase.remove(purchase);
            latencies.recordValue(0);
        }
    }

    /** The transaction that ends it has committed. */
    void ended(long purchase) {
        long now = timing.nanos();
        Long committed = nanosByPurchase.putIfAbsent(purchase, now);
        if (committed != null) {
            nanosByPurchase.remove(purchase);
            latencies.recordValue(Math.max(0, now - committed));
        }
        ended.incrementAndGet();
    }

    long begun() {
        return begun.get();
    }

    long ended() {
        return ended.get();
    }

    /** In nanoseconds, from commit to commit. */
    Histogram latencies() {
        return latencies;
    }

    /**
     * Waits until no more than so many purchases are open.
     *
     * @throws BenchmarkException when that takes minutes
     */
    void awaitOpen(long most) throws InterruptedException {
        long start = timing.nanos();
        while (begun() - ended() > most) {
            if (timing.since(start).compareTo(ENDS_WITHIN) > 0) {
                throw new BenchmarkException("Of " + begun() + " purchases that were begun, " + (begun() - ended())
                        + " had not ended here after " + ENDS_WITHIN);
            }
            timing.pause(LOOK_AGAIN);
        }
    }
}
