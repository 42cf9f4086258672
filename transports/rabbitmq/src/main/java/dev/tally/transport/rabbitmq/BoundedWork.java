package dev.tally.transport.rabbitmq;

import dev.tally.transport.client.TransportThreads;
import java.time.Duration;

/** Runs what may wait for a broker that does not answer, and goes on without it after a limit. */
final class BoundedWork {

    private BoundedWork() {}

    static void within(Duration limit, String name, Runnable work) {
        join(started(name, work), limit);
    }

    static Thread started(String name, Runnable work) {
        Thread thread = TransportThreads.daemon(name, work);
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
