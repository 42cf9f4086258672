package dev.tally.broker.env;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that a timer starts and other threads do: a round is skipped while the last one is under way. Thread-safe. */
public final class Round implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Round.class);

    private final String name;
    private final Executor threads;
    private final Runnable work;
    private final AtomicBoolean underWay = new AtomicBoolean();

    /**
     * @param name what the work is, for the log
     * @param threads do it; may refuse, which skips a round
     * @param work may fail, the next round is to try what is left again
     */
    public Round(String name, Executor threads, Runnable work) {
        this.name = name;
        this.threads = threads;
        this.work = work;
    }

    @Override
    public void run() {
        if (!underWay.compareAndSet(false, true)) {
            return;
        }
        try {
            threads.execute(this::round);
        } catch (RejectedExecutionException e) {
            underWay.set(false);
            log.debug("Round skipped, the threads are overloaded or stopping; round={}", name);
        }
    }

    private void round() {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.warn("Round failed, what it left is tried again in the next; round={}", name, e);
        } finally {
            underWay.set(false);
        }
    }
}
