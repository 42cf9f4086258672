package dev.tally.transport.redis;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** An open connection and its commands, of which a single server and a cluster have the same. Thread-safe. */
final class Session {

    private final StatefulConnection<byte[], byte[]> connection;
    private final RedisClusterAsyncCommands<byte[], byte[]> commands;
    private final Consumer<CompletableFuture<Void>> ending;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * Creates it.
     *
     * @param ending told of the end, which takes a moment
     */
    Session(
            StatefulConnection<byte[], byte[]> connection,
            RedisClusterAsyncCommands<byte[], byte[]> commands,
            Consumer<CompletableFuture<Void>> ending) {
        this.connection = connection;
        this.commands = commands;
        this.ending = ending;
    }

    RedisClusterAsyncCommands<byte[], byte[]> commands() {
        return commands;
    }

    boolean isOpen() {
        return !ended.get() && connection.isOpen();
    }

    /** Closes the connection, which fails all that is under way on it. Idempotent; needed also where the server closed it. */
    void end() {
        if (ended.compareAndSet(false, true)) {
            ending.accept(connection.closeAsync());
        }
    }
}
