package dev.tally.transport.redis.throughput;

import dev.tally.message.Message;
import dev.tally.testkit.throughput.SendThroughput;
import dev.tally.testkit.throughput.Sender;
import dev.tally.transport.redis.RedisSettings;
import dev.tally.transport.redis.RedisTransport;
import dev.tally.transport.redis.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends to a broker in a process of its own, by the transport or by the bare client, and prints the confirmed messages in a second. */
final class RedisThroughput {

    private static final String TOPIC = "throughput";
    private static final int STREAMS = 4;

    private RedisThroughput() {}

    /** Takes {@code tally} or {@code bare}, a folder, milliseconds of warm-up and of the window. */
    public static void main(String[] arguments) throws Exception {
        RedisServer server = RedisServer.start(Path.of(arguments[1]));
        RedisClient client = RedisClient.create(server.uri());
        Sender sender;
        if (arguments[0].equals("tally")) {
            sender = Sender.of(new RedisTransport(
                    client, RedisSettings.builder("throughput").build()));
        } else {
            RedisAsyncCommands<byte[], byte[]> commands =
                    client.connect(ByteArrayCodec.INSTANCE).async();
            sender = (batch, ended) -> bare(commands, batch, ended);
        }
        double perSecond = new SendThroughput(TOPIC, System::nanoTime)
                .perSecond(
                        sender,
                        Duration.ofMillis(Long.parseLong(arguments[2])),
                        Duration.ofMillis(Long.parseLong(arguments[3])));
        System.out.println("confirmed/s=" + perSecond);
        System.out.flush();
        server.close();
        Runtime.getRuntime().halt(0);
    }

    /** To as many streams as the transport divides a topic into. */
    private static void bare(
            RedisAsyncCommands<byte[], byte[]> commands, List<Message> batch, Consumer<@Nullable String> ended) {
        for (Message message : batch) {
            String key = String.valueOf(message.key());
            var unused = commands.xadd(
                            bytes(TOPIC + ":" + Math.floorMod(key.hashCode(), STREAMS)),
                            Map.of(bytes("key"), bytes(key), bytes("payload"), message.payload()))
                    .whenComplete((id, failure) -> ended.accept(failure == null ? null : failure.toString()));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
