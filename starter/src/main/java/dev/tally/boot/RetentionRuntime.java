package dev.tally.boot;

import dev.tally.retention.RetentionRound;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Runs retention rounds while the application runs, the first one an interval after its start. */
final class RetentionRuntime implements SmartLifecycle {

    private final RetentionRound round;
    private final Duration interval;
    private @Nullable ScheduledExecutorService timer;

    RetentionRuntime(RetentionRound round, Duration interval) {
        this.round = round;
        this.interval = interval;
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started = StarterThreads.scheduler("tally-retention", 1);
        var unused =
                started.scheduleWithFixedDelay(round, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
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
