package dev.tally.broker.net;

import dev.tally.broker.protocol.Command;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

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

    /** The other end, resolved. */
    InetSocketAddress remoteAddress();

    /** Whether it still stands, as far as is known. */
    boolean open();

    /** Closes it; the listener is told once. Idempotent. */
    void close();
}
