package dev.tally.broker;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Does work that an interrupt must not reach: it would close the files that are in use, or end waits before what was
 * taken is flushed.
 */
final class Undisturbed {

    private Undisturbed() {}

    /**
     * Does it on a daemon thread of that name and waits for its end. The caller may have been interrupted before, or be
     * interrupted meanwhile: the work goes on, and the interrupt is kept for the caller to find.
     *
     * @throws ExecutionException if the work failed; its cause is the failure
     */
    static <T> T run(String thread, Callable<T> work) throws ExecutionException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread worker = new Thread(task, thread);
        worker.setDaemon(true);
        worker.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
