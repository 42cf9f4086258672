package dev.tally.boot;

import dev.tally.consume.deadletter.DeadLetterReplay;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Looks every second for dead letters that people want replayed, while consumers run. */
final class DeadLetterReplayRuntime implements SmartLifecycle {

    private static final int AFTER_CONSUMERS = Integer.MAX_VALUE - 50;
    private static final long STOP_SECONDS = 10;

    private final List<DeadLetterReplay> replays;
    private @Nullable ScheduledExecutorService timer;

    /** @param replays one for each data source */
    DeadLetterReplayRuntime(List<DeadLetterReplay> replays) {
        this.replays = List.copyOf(replays);
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started = StarterThreads.scheduler("tally-dead-letter-replay", replays.size());
        for (DeadLetterReplay replay : replays) {
            var unused = started.scheduleWithFixedDelay(replay, 1, 1, TimeUnit.SECONDS);
        }
        timer = started;
    }

    /** Waits for a handler that runs; its transaction rolls back if it does not end, and the dead letter stays due. */
    @Override
    public synchronized void stop() {
        ScheduledExecutorService started = timer;
        timer = null;
        if (started == null) {
            return;
        }
        started.shutdown();
        try {
            if (!started.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                started.shutdownNow();
            }
        } catch (InterruptedException e) {
            started.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return timer != null;
    }

    @Override
    public int getPhase() {
        return AFTER_CONSUMERS;
    }
}
