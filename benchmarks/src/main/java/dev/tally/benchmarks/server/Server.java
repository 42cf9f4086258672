package dev.tally.benchmarks.server;

import java.io.IOException;
import java.time.Duration;

/** A running broker. */
public interface Server extends AutoCloseable {

    /** Name server address for clients. */
    String address();

    /** The process. */
    long pid();

    /** From the launch of the process until it could be used. */
    Duration startTook();

    /** How long its log is, in bytes, without what is only preallocated. */
    long logBytes() throws IOException, InterruptedException;

    /** Ends it like a crash, and waits until it is gone. */
    void kill() throws InterruptedException;

    /** Ends it, at once where this thread was interrupted. */
    @Override
    void close() throws IOException;
}
