package dev.tally.transport.rocketmq;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The client's sender threads, with a way past them: an asynchronous send that cannot be held up is done by the thread
 * that asks for it, since handing it over takes as long as doing it. Thread-safe.
 */
final class CallersThread extends AbstractExecutorService {

    private final ExecutorService others;
    private final ThreadLocal<Boolean> here = ThreadLocal.withInitial(() -> false);

    /** Past {@code others}. */
    CallersThread(ExecutorService others) {
        this.others = others;
    }

    /** From now on, what this thread submits is done in it, or not. */
    void use(boolean doHere) {
        here.set(doHere);
    }

    @Override
    public void execute(Runnable task) {
        if (!here.get()) {
            others.execute(task);
            return;
        }
        // Waiting for a place in the client's queue must not eat an interrupt that is meant for the caller.
        boolean interrupted = Thread.interrupted();
        try {
            task.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void shutdown() {
        others.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return others.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return others.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return others.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return others.awaitTermination(timeout, unit);
    }
}
