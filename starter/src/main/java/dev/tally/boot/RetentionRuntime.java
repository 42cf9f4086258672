package dev.tally.boot;

import dev.tally.retention.RetentionRound;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Runs retention rounds while the application runs, the first one an interval after its start, and lets the ledger forget
 * settled transactions every second.
 */
final class RetentionRuntime implements SmartLifecycle {

    private final RetentionRound round;
    private final Duration interval;
    private final List<Runnable> everySecond;
    private @Nullable ScheduledExecutorService timer;

    RetentionRuntime(RetentionRound round, Duration interval, List<Runnable> everySecond) {
        this.round = round;
        this.interval = interval;
        this.everySecond = List.copyOf(everySecond);
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started = StarterThreads.scheduler("tally-retention", 1);
        var unused =
                started.scheduleWithFixedDelay(round, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        for (Runnable task : everySecond) {
            var ignored = started.scheduleWithFixedDelay(task, 1, 1, TimeUnit.SECONDS);
        }
        timer = started;
    }

    @Override
    public synchronized void stop() {
        if (timer != null) {
            timer.shutdownNow();
            timer = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return timer != null;
    }
}
