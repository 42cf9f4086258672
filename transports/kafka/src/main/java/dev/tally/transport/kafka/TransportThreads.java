package dev.tally.transport.kafka;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The transport's own threads: few, named, daemons. */
final class TransportThreads {

    private TransportThreads() {}

    /**
     * As many as there is work.
     *
     * @param given makes them, each for one piece of work; {@code null} for daemons that are kept for a minute
     */
    static ExecutorService unbounded(String name, @Nullable ThreadFactory given) {
        return given == null
                ? Executors.newCachedThreadPool(numbered(name))
                : new ThreadPoolExecutor(0, Integer.MAX_VALUE, 0, TimeUnit.SECONDS, new SynchronousQueue<>(), given);
    }

    static ScheduledExecutorService timer(String name) {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, numbered(name));
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private static ThreadFactory numbered(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> daemon(name + "-" + number.incrementAndGet(), task);
    }
}
