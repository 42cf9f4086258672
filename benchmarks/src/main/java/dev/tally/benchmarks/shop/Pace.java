package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Does something at a rate until it is stopped. */
final class Pace {

    /** One that waits for a commit does not hold up the others. */
    private static final int THREADS = 4;

    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong tickets = new AtomicLong();
    private final Timing timing;
    private final long start;

    private Pace(Timing timing) {
        this.timing = timing;
        this.start = timing.nanos();
    }

    /** Begins. */
    static Pace start(int perSecond, Runnable work, Timing timing) {
        Pace pace = new Pace(timing);
        for (int i = 0; i < THREADS; i++) {
            pace.running.add(pace.executor.submit(() -> {
                pace.run(perSecond, work);
                return null;
            }));
        }
        return pace;
    }

    private void run(int perSecond, Runnable work) throws InterruptedException {
        while (!stopped.get()) {
            Duration due = Duration.ofSeconds(1)
                    .multipliedBy(tickets.getAndIncrement())
                    .dividedBy(perSecond);
            Duration early = due.minus(timing.since(start));
            if (!early.isNegative()) {
                timing.pause(early);
            }
            work.run();
        }
    }

    /** Ends; the first failure of the work is thrown. Answers how long it went. */
    Duration stop() throws Exception {
        stopped.set(true);
        executor.shutdown();
        for (Future<?> done : running) {
            // Its failure is the caller's.
            var unused = done.get();
        }
        return timing.since(start);
    }
}
