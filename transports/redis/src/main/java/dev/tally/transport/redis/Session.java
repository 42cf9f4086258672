package dev.tally.transport.redis;

import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.concurrent.atomic.AtomicBoolean;

/** An open connection and its commands, of which a single server and a cluster have the same. Thread-safe. */
final class Session {

    private final StatefulConnection<byte[], byte[]> connection;
    private final RedisClusterAsyncCommands<byte[], byte[]> commands;
    private final AtomicBoolean ended = new AtomicBoolean();

    Session(StatefulConnection<byte[], byte[]> connection, RedisClusterAsyncCommands<byte[], byte[]> commands) {
        this.connection = connection;
        this.commands = commands;
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
            var unused = connection.closeAsync();
        }
    }
}
