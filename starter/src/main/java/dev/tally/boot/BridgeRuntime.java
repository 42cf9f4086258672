package dev.tally.boot;

import dev.tally.outbox.bridge.OutboxBridge;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Runs the bridges while the application runs: after the relay starts, and until before it stops. */
final class BridgeRuntime implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(BridgeRuntime.class);
    private static final int STOP_SECONDS = 10;

    private final OutboxBridges bridges;
    private @Nullable ScheduledExecutorService timer;

    BridgeRuntime(OutboxBridges bridges) {
        this.bridges = bridges;
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService started = StarterThreads.scheduler("tally-bridge", 1);
        bridges.forEach(bridge -> next(started, bridge, Duration.ZERO));
        timer = started;
    }

    private static void next(ScheduledExecutorService timer, OutboxBridge bridge, Duration delay) {
        try {
            var unused = timer.schedule(() -> step(timer, bridge), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("no further step, the application stops bridge={}", bridge.name(), e);
        }
    }

    private static void step(ScheduledExecutorService timer, OutboxBridge bridge) {
        Duration delay;
        try {
            delay = bridge.step();
        } catch (Error e) {
            log.error("a bridge stops until the application starts again bridge={}", bridge.name(), e);
            throw e;
        }
        next(timer, bridge, delay);
    }

    /** A transaction under way is finished first. */
    @Override
    public synchronized void stop() {
        ScheduledExecutorService stopping = timer;
        timer = null;
        if (stopping == null) {
            return;
        }
        stopping.shutdown();
        try {
            if (!stopping.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                log.warn("a bridge is interrupted seconds={}; what it had under way is rolled back", STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopping.shutdownNow();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return timer != null;
    }

    @Override
    public int getPhase() {
        return OutboxRuntime.PHASE + 1;
    }
}
