package dev.tally.transport.redis;

import dev.tally.transport.redis.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What tests do at a server beside the transport, with a client of their own. */
final class TestRedis implements AutoCloseable {

    static final RedisKeys KEYS = new RedisKeys("tally:");

    final RedisServer server;
    private final RedisClient client;

    TestRedis(RedisServer server) {
        this.server = server;
        this.client = RedisClient.create(server.uri());
    }

    static TestRedis start() throws IOException {
        return new TestRedis(RedisServer.start(folder()));
    }

    static Path folder() throws IOException {
        return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "redis")
                .toAbsolutePath();
    }

    static RedisSettings.Builder settings(String instance) {
        return RedisSettings.builder(instance)
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .retryDelay(Duration.ofMillis(200));
    }

    RedisTransport transport(RedisSettings settings) {
        return new RedisTransport(RedisClient.create(server.uri()), settings);
    }

    /** Opened for each use: the server may have been killed since. */
    <T> T with(java.util.function.Function<StatefulRedisConnection<byte[], byte[]>, T> use) {
        try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            return use.apply(connection);
        }
    }

    void createTopic(String topic, int partitions) {
        with(connection -> connection
                .sync()
                .hset(KEYS.topic(topic), Map.of(bytes("partitions"), bytes(Integer.toString(partitions)))));
    }

    String add(byte[] stream, Map<String, byte[]> fields) {
        Map<byte[], byte[]> wire = new LinkedHashMap<>();
        fields.forEach((name, value) -> wire.put(bytes(name), value));
        return with(connection -> connection.sync().xadd(stream, wire));
    }

    static byte[] bytes(String text) {
        return RedisKeys.bytes(text);
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        server.close();
    }
}
