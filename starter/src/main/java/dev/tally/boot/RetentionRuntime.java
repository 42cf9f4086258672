package dev.tally.boot;

import dev.tally.retention.RetentionRound;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Runs retention rounds while the application runs, the first one an interval after its start, lets the ledger forget
 * settled transactions every second, and looks ahead until it has seen what it looks for.
 */
final class RetentionRuntime implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(RetentionRuntime.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private final RetentionRound round;
    private final Duration interval;
    private final List<Runnable> everySecond;
    private final List<BooleanSupplier> lookAhead;
    private @Nullable ScheduledExecutorService timer;

    /**
     * @param everySecond run every second
     * @param lookAhead run at the start and, where the answer is {@code false}, again and again; may wait for brokers
     */
    RetentionRuntime(
            RetentionRound round, Duration interval, List<Runnable> everySecond, List<BooleanSupplier> lookAhead) {
        this.round = round;
        this.interval = interval;
        this.everySecond = List.copyOf(everySecond);
        this.lookAhead = List.copyOf(lookAhead);
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started = StarterThreads.scheduler("tally-retention", 2);
        var unused =
                started.scheduleWithFixedDelay(round, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        for (Runnable task : everySecond) {
            var ignored = started.scheduleWithFixedDelay(task, 1, 1, TimeUnit.SECONDS);
        }
        lookAhead.forEach(look -> look(started, look, Duration.ZERO));
        timer = started;
    }

    private static void look(ScheduledExecutorService timer, BooleanSupplier look, Duration delay) {
        try {
            var unused = timer.schedule(
                    () -> {
                        if (!look.getAsBoolean()) {
                            look(timer, look, LOOK_AGAIN);
                        }
                    },
                    delay.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("no more looks ahead, the application stops", e);
        }
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
