package dev.tally.saga.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes sagas on a thread of its own, every interval and when it is nudged. Where more have come due than fit into a batch,
 * it keeps to a rate, so that a hundred thousand at one moment leave databases and participants to the sagas that go on
 * meanwhile. Thread-safe.
 *
 * @since 0.1
 */
public final class SagaWakeLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SagaWakeLoop.class);

    private final Supplier<SagaWaker.Waked> waker;
    private final Duration interval;
    private final ExecutorService thread;
    private final Duration closeTimeout;
    private final double perSecond;
    private final LongSupplier nanoTime;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Semaphore nudges = new Semaphore(0);

    /**
     * Creates the loop; it does nothing before {@link #start}.
     *
     * @param waker wakes some, as {@link SagaWaker#wakeSome} does
     * @param interval how often it looks at least
     * @param thread its own; shut down when the loop is closed
     * @param closeTimeout how long closing waits for a transaction that runs
     * @param perSecond how many sagas are waked in a second at most while there are more; {@link Double#POSITIVE_INFINITY}
     *     for no limit
     * @param nanoTime a clock that only goes forward, in nanoseconds
     * @throws IllegalArgumentException if {@code perSecond} is not positive
     */
    public SagaWakeLoop(
            Supplier<SagaWaker.Waked> waker,
            Duration interval,
            ExecutorService thread,
            Duration closeTimeout,
            double perSecond,
            LongSupplier nanoTime) {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException(
                    "Cannot wake " + perSecond + " sagas in a second: the rate has to be positive");
        }
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
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
        try {
            while (closing.getCount() > 0) {
                long begun = nanoTime.getAsLong();
                SagaWaker.Waked waked = wake();
                if (waked.more()) {
                    rest(waked.sagas(), nanoTime.getAsLong() - begun);
                } else if (nudges.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                    nudges.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private SagaWaker.Waked wake() {
        try {
            return waker.get();
        } catch (RuntimeException e) {
            log.warn("sagas could not be waked; tried again in {}", interval, e);
            return new SagaWaker.Waked(0, false);
        }
    }

    /** What is left of the time that so many may take. */
    private void rest(int sagas, long tookNanos) throws InterruptedException {
        long nanos = (long) (sagas / perSecond * TimeUnit.SECONDS.toNanos(1)) - tookNanos;
        if (nanos > 0) {
            boolean unused = closing.await(nanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        closing.countDown();
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
