package dev.tally.transport.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Opens connections of a client that belongs to the transport. The client neither reconnects by itself nor keeps commands
 * for later: what is under way when a connection is lost fails at once and is never repeated behind the caller's back, so
 * that no message is stored after a later one of its key. Thread-safe.
 */
final class RedisConnections implements AutoCloseable {

    private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(2);

    private final AbstractRedisClient client;
    private final Supplier<Session> opening;
    private final boolean cluster;

    private RedisConnections(AbstractRedisClient client, Supplier<Session> opening, boolean cluster) {
        this.client = client;
        this.opening = opening;
        this.cluster = cluster;
    }

    /** Of a single server, or of one that sentinels name. */
    static RedisConnections of(RedisClient client) {
        ClientOptions options = client.getOptions();
        client.setOptions(options.mutate()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                // Reads that wait at the server would run into it; every answer has a limit of its own here.
                .timeoutOptions(TimeoutOptions.create())
                .build());
        return new RedisConnections(client, () -> open(client), false);
    }

    /** Of a cluster. */
    static RedisConnections of(RedisClusterClient client) {
        ClusterClientOptions.Builder options = client.getOptions() instanceof ClusterClientOptions given
                ? given.mutate()
                : ClusterClientOptions.builder(client.getOptions());
        options.autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .timeoutOptions(TimeoutOptions.create());
        client.setOptions(options.build());
        return new RedisConnections(client, () -> open(client), true);
    }

    private static Session open(RedisClient client) {
        StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
        return new Session(connection, connection.async());
    }

    private static Session open(RedisClusterClient client) {
        // A connection is opened anew after a failure, which may have moved slots to other nodes.
        client.refreshPartitions();
        StatefulRedisClusterConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
        return new Session(connection, connection.async());
    }

    boolean isCluster() {
        return cluster;
    }

    /**
     * A connection that is opened when it is needed.
     *
     * @param threads where opening is waited for
     * @param opened told of each time that it was opened, there
     */
    Line line(Executor threads, LongSupplier nanoTime, Consumer<Session> opened) {
        return new Line(
                () -> {
                    Session session = opening.get();
                    opened.accept(session);
                    return session;
                },
                threads,
                nanoTime);
    }

    /** Closes all connections. */
    @Override
    public void close() {
        client.shutdown(Duration.ZERO, SHUTDOWN_LIMIT);
    }
}
