package dev.tally.benchmarks.client;

import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work that several threads do. */
public final class Threads {

    private Threads() {}

    /** Runs the same in so many threads, and waits for all; the first failure is thrown. */
    public static void run(int threads, Callable<Long> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (Future<Long> done : executor.invokeAll(Collections.nCopies(threads, work))) {
                // Its failure is the caller's.
                var unused = done.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }
}
