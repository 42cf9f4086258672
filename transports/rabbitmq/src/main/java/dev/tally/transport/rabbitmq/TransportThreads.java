package dev.tally.transport.rabbitmq;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The transport's own threads: few, named, daemons, gone when idle. */
final class TransportThreads {

    private TransportThreads() {}

    /** At most {@code threads}, with {@code capacity} tasks waiting; more are rejected. */
    static ThreadPoolExecutor pool(String name, int threads, int capacity) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(capacity), named(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * As many as there is work.
     *
     * @param given makes them, each for one piece of work; {@code null} for daemons that are kept for a minute
     */
    static ExecutorService unbounded(String name, @Nullable ThreadFactory given) {
        return given == null
                ? Executors.newCachedThreadPool(named(name))
                : new ThreadPoolExecutor(0, Integer.MAX_VALUE, 0, TimeUnit.SECONDS, new SynchronousQueue<>(), given);
    }

    static ScheduledExecutorService timer(String name) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named(name));
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Runs what may wait for a broker that does not answer; goes on without it after the limit. */
    static void within(Duration limit, String name, Runnable work) {
        join(started(name, work), limit);
    }

    static Thread started(String name, Runnable work) {
        Thread thread = named(name).newThread(work);
        thread.start();
        return thread;
    }

    static void join(Thread thread, Duration limit) {
        try {
            // Zero would be for ever.
            thread.join(Math.max(1, limit.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
