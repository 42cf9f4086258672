package dev.tally.outbox.relay;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the relay's work now or later, and nothing once the executor has been shut down. */
final class Timers implements Executor {

    private static final Logger log = LoggerFactory.getLogger(Timers.class);

    private final ScheduledExecutorService scheduler;

    Timers(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public void execute(Runnable work) {
        try {
            scheduler.execute(work);
        } catch (RejectedExecutionException e) {
            log.debug("Relay work dropped: its executor is shut down; rows stay in the table");
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The work reports its own failures, see SerialTask.
    void after(Duration delay, Runnable work) {
        try {
            scheduler.schedule(work, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("Relay work dropped: its executor is shut down; rows stay in the table");
        }
    }
}
