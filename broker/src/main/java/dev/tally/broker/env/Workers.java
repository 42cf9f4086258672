package dev.tally.broker.env;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The threads of one store. A simulator hands in executors that run everything on the calling thread, which makes every
 * run repeatable.
 *
 * @since 0.1
 */
public interface Workers extends AutoCloseable {

    /** Runs the log's writer: one task after the other, in order, on a thread that nobody interrupts. */
    Executor writer();

    /** Runs work that nobody waits for, such as preparing the next segment; must not be the writer's thread. */
    Executor background();

    /** Runs long work that itself waits for the writer and the background, such as removing segments. */
    Executor maintenance();

    /** Runs a task again and again until {@link #close}, with that pause between two runs. */
    void every(Duration pause, Runnable task);

    /** Stops repeating, lets running tasks end, and ends the threads. Idempotent. */
    @Override
    void close();
}
