package dev.tally.saga.engine;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes sagas on a thread of its own, every interval and when it is nudged. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaWakeLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SagaWakeLoop.class);

    private final SagaWaker waker;
    private final Duration interval;
    private final ExecutorService thread;
    private final Duration closeTimeout;
    private final Semaphore nudges = new Semaphore(0);
    private volatile boolean closed;

    /**
     * Creates the loop; it does nothing before {@link #start}.
     *
     * @param interval how often it looks at least
     * @param thread its own; shut down when the loop is closed
     * @param closeTimeout how long closing waits for a transaction that runs
     */
    public SagaWakeLoop(SagaWaker waker, Duration interval, ExecutorService thread, Duration closeTimeout) {
        this.waker = waker;
        this.interval = interval;
        this.thread = thread;
        this.closeTimeout = closeTimeout;
    }

    /** Begins. */
    public void start() {
        thread.execute(this::run);
    }

    /** Looks soon. */
    public void nudge() {
        if (nudges.availablePermits() == 0) {
            nudges.release();
        }
    }

    private void run() {
        while (!closed) {
            boolean more = false;
            try {
                more = waker.wakeSome();
            } catch (RuntimeException e) {
                log.warn("sagas could not be waked; tried again in {}", interval, e);
            }
            try {
                if (!more && nudges.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                    nudges.drainPermits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        nudge();
        thread.shutdown();
        try {
            if (!thread.awaitTermination(closeTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
