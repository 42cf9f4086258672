package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * One client's connection. Identity counts: two connections are never equal. Thread-safe.
 *
 * @since 0.1
 */
public interface Connection {

    /**
     * Writes a frame.
     *
     * @return completes when the frame was handed to the operating system, exceptionally when it was not
     */
    CompletableFuture<Void> send(Command command);

    /** Writes a frame that nobody follows: where it cannot be written the connection is closed. */
    void answer(Command command);

    /**
     * Runs tasks in turn on the connection's own thread; what they write leaves together. For work that must not hold up
     * the thread on which it comes up, such as the store's. Tasks must not block. Refuses once the server is closed.
     */
    Executor executor();

    /** The other end, resolved. */
    InetSocketAddress remoteAddress();

    /** Whether it still stands, as far as is known. */
    boolean open();

    /** Closes it; the listener is told once. Idempotent. */
    void close();
}
