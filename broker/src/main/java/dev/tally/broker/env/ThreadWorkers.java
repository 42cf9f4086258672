package dev.tally.broker.env;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Four daemon threads of the store's own. None of them is ever interrupted: an interrupt closes the file channel that
 * the thread is using, for everyone.
 *
 * @since 0.1
 */
public final class ThreadWorkers implements Workers {

    private static final Logger log = LoggerFactory.getLogger(ThreadWorkers.class);
    private static final long CLOSE_SECONDS = 30;

    private final ExecutorService writer;
    private final ExecutorService background;
    private final ExecutorService maintenance;
    private final ScheduledExecutorService ticker;

    /** Starts the threads; {@code name} begins their names. */
    public ThreadWorkers(String name) {
        writer = Executors.newSingleThreadExecutor(daemon(name + "-writer"));
        background = Executors.newSingleThreadExecutor(daemon(name + "-background"));
        maintenance = Executors.newSingleThreadExecutor(daemon(name + "-maintenance"));
        ticker = Executors.newSingleThreadScheduledExecutor(daemon(name + "-ticker"));
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public Executor writer() {
        return writer;
    }

    @Override
    public Executor background() {
        return background;
    }

    @Override
    public Executor maintenance() {
        return task -> maintenance.execute(() -> runLogged(task));
    }

    @Override
    public void every(Duration pause, Runnable task) {
        // The handle is of no use: the repetition ends with the executor, and the task reports its own failures.
        var unused = ticker.scheduleWithFixedDelay(
                () -> runLogged(task), pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void runLogged(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // Thrown on, it would silently end the repetition.
            log.error("A task of the store failed; it is tried again at its next time", e);
        }
    }

    @Override
    public void close() {
        List<ExecutorService> all = List.of(ticker, maintenance, background, writer);
        all.forEach(ExecutorService::shutdown);
        boolean interrupted = false;
        try {
            for (ExecutorService executor : all) {
                if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                    log.warn("A thread of the store still waits for the disk after seconds={}", CLOSE_SECONDS);
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
