package dev.tally.benchmarks.publisher;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that does the same again and again until it is closed. */
final class Loop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Loop.class);

    private final Thread thread;
    private final AtomicBoolean running = new AtomicBoolean();

    /** What is done again and again. */
    @FunctionalInterface
    interface Round {
        void run() throws Exception;
    }

    Loop(String name, Round round) {
        this.thread = new Thread(() -> run(name, round), name);
        thread.setDaemon(true);
    }

    void start() {
        running.set(true);
        thread.start();
    }

    boolean isRunning() {
        return running.get();
    }

    boolean isThisThread() {
        return Thread.currentThread() == thread;
    }

    private void run(String name, Round round) {
        try {
            while (running.get()) {
                round.run();
            }
        } catch (InterruptedException e) {
            log.debug("loop interrupted name={}", name);
        } catch (Exception e) {
            log.error("loop ended, nothing more is delivered name={}", name, e);
        }
    }

    @Override
    public void close() {
        if (running.compareAndSet(true, false)) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
