package dev.tally.transport.client;

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

/**
 * A transport's own threads: few, named, daemons.
 *
 * @since 0.1
 */
public final class TransportThreads {

    private TransportThreads() {}

    /** At most {@code threads}, gone when idle, with {@code capacity} tasks waiting; more are rejected. */
    public static ThreadPoolExecutor pool(String name, int threads, int capacity) {
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
    public static ExecutorService unbounded(String name, @Nullable ThreadFactory given) {
        return given == null
                ? Executors.newCachedThreadPool(named(name))
                : new ThreadPoolExecutor(0, Integer.MAX_VALUE, 0, TimeUnit.SECONDS, new SynchronousQueue<>(), given);
    }

    /** One thread that runs short work at its time, and forgets what is cancelled. */
    public static ScheduledExecutorService timer(String name) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named(name));
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /** Makes daemons that are called {@code name} and a number. */
    public static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> daemon(name + "-" + number.incrementAndGet(), task);
    }

    /** A daemon that is not started. */
    public static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
