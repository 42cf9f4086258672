package dev.tally.benchmarks.client;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Threads that send one message after the other, each waiting for its answer. */
public final class SendLoad {

    private static final int DIGITS = 3;
    private static final int MAX_FAILURES = 1000;

    private final Timing timing;
    private final int threads;
    private final Send send;
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile Phase phase = Phase.WARM_UP;

    /** Sends one message, returns when it was acknowledged, throws when it was not. */
    @FunctionalInterface
    public interface Send {
        void send() throws Exception;
    }

    /** What was seen in the window. Latencies are in nanoseconds. */
    public record Result(long count, Duration window, Histogram latencies, long acknowledgedInAll) {
        public double perSecond() {
            return count * 1e9 / window.toNanos();
        }

        public double millisAt(double percentile) {
            return latencies.getValueAtPercentile(percentile) / 1e6;
        }
    }

    /** Told of the beginning and the end of the window. */
    public interface Watcher {
        void begins() throws Exception;

        void ends() throws Exception;
    }

    private enum Phase {
        WARM_UP,
        WINDOW,
        DONE
    }

    /** With so many threads. */
    public SendLoad(int threads, Send send, Timing timing) {
        this.threads = threads;
        this.send = send;
        this.timing = timing;
    }

    /** Runs; only what begins and ends within the window counts. */
    public Result run(Duration warmUp, Duration window, Watcher watcher) throws Exception {
        List<Histogram> latencies = new ArrayList<>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Histogram own = new Histogram(DIGITS);
            latencies.add(own);
            Thread thread = new Thread(() -> loop(own), "send-" + i);
            thread.setDaemon(true);
            running.add(thread);
            thread.start();
        }
        Duration took;
        try {
            timing.pause(warmUp);
            watcher.begins();
            long start = timing.nanos();
            phase = Phase.WINDOW;
            timing.pause(window);
            phase = Phase.DONE;
            took = timing.since(start);
            watcher.ends();
        } finally {
            phase = Phase.DONE;
            for (Thread thread : running) {
                thread.join();
            }
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw new BenchmarkException(
                    failures.sum() + " sends failed beside " + acknowledged.sum() + " that did not", failed);
        }
        Histogram all = new Histogram(DIGITS);
        latencies.forEach(all::add);
        return new Result(all.getTotalCount(), took, all, acknowledged.sum());
    }

    private void loop(Histogram latencies) {
        Phase before = phase;
        while (before != Phase.DONE && failures.sum() < MAX_FAILURES) {
            long start = timing.nanos();
            try {
                send.send();
                acknowledged.increment();
            } catch (Exception e) {
                failure.compareAndSet(null, e);
                failures.increment();
            }
            Phase after = phase;
            if (before == Phase.WINDOW && after == Phase.WINDOW) {
                latencies.recordValue(timing.nanos() - start);
            }
            before = after;
        }
    }
}
