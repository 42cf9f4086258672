package dev.tally.boot;

import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/** Runs the relay while the application runs: before it serves or consumes, and until it no longer does. */
final class OutboxRuntime implements SmartLifecycle, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(OutboxRuntime.class);

    /** Below the web server's phases and the consumers', so it starts before them and stops after them. */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

    /** What the relay asks for at least. */
    private static final int RELAY_THREADS = 4;

    private final OutboxRelay relay;
    private final ScheduledExecutorService scheduler;
    private final Duration joinLimit;
    private volatile boolean running;

    OutboxRuntime(OutboxRelay relay, ScheduledExecutorService scheduler, Duration joinLimit) {
        this.relay = relay;
        this.scheduler = scheduler;
        this.joinLimit = joinLimit;
    }

    /** A relay with threads of its own. */
    static OutboxRuntime of(
            String threads,
            JdbcOutboxStore store,
            Transport transport,
            ProcessEdges edges,
            OutboxSettings settings,
            OutboxRetryRules rules,
            OutboxListener listener) {
        ScheduledExecutorService scheduler = StarterThreads.scheduler(threads, RELAY_THREADS);
        OutboxRelay relay = OutboxRelay.over(
                        store, transport, scheduler, edges.steadyClock(), edges.random(), edges.uniqueNames())
                .settings(settings)
                .retryRules(rules)
                .listener(listener)
                .build();
        return new OutboxRuntime(relay, scheduler, settings.joinLimit());
    }

    OutboxRelay relay() {
        return relay;
    }

    /** Waits for the other nodes to know of this one, so that the first requests need not. */
    @Override
    public void start() {
        relay.start();
        running = true;
        try {
            if (!relay.awaitJoined(joinLimit)) {
                log.warn(
                        "The other nodes of the outbox do not know of this one yet; messages with keys are refused until they"
                                + " do, or until those that are dead are found dead waitedMillis={}",
                        joinLimit.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        relay.close();
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public void destroy() {
        relay.close();
        scheduler.shutdownNow();
    }
}
