package dev.tally.boot;

import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.transport.Transport;
import java.util.concurrent.ScheduledExecutorService;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/** Runs the relay while the application runs: before it serves or consumes, and until it no longer does. */
final class OutboxRuntime implements SmartLifecycle, DisposableBean {

    /** Below the web server's phases and the consumers', so it starts before them and stops after them. */
    static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

    /** What the relay asks for at least. */
    private static final int RELAY_THREADS = 4;

    private final OutboxRelay relay;
    private final ScheduledExecutorService scheduler;
    private volatile boolean running;

    OutboxRuntime(OutboxRelay relay, ScheduledExecutorService scheduler) {
        this.relay = relay;
        this.scheduler = scheduler;
    }

    /** A relay with threads of its own. */
    static OutboxRuntime of(
            String threads,
            JdbcOutboxStore store,
            Transport transport,
            ProcessEdges edges,
            OutboxSettings settings,
            OutboxListener listener) {
        ScheduledExecutorService scheduler = StarterThreads.scheduler(threads, RELAY_THREADS);
        OutboxRelay relay = OutboxRelay.over(
                        store, transport, scheduler, edges.clock(), edges.random(), edges.uniqueNames())
                .settings(settings)
                .listener(listener)
                .build();
        return new OutboxRuntime(relay, scheduler);
    }

    OutboxRelay relay() {
        return relay;
    }

    @Override
    public void start() {
        relay.start();
        running = true;
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
