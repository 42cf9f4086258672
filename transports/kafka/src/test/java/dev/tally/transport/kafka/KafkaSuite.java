package dev.tally.transport.kafka;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.kafka.server.KafkaServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What the suites of Kafka have in common: a broker for all tests of the JVM, and settings with short times. */
final class KafkaSuite {

    private static final KafkaServer SERVER = started();

    private KafkaSuite() {}

    private static KafkaServer started() {
        // What is not created on purpose is not there.
        KafkaServer server = new KafkaServer(Map.of("auto.create.topics.enable", "false"));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close-kafka"));
        return server;
    }

    static KafkaServer server() {
        return SERVER;
    }

    static KafkaSettings.Builder settings() {
        return settings(Map.of());
    }

    static KafkaSettings.Builder settings(Map<String, Object> more) {
        Map<String, Object> client = new HashMap<>();
        client.put("bootstrap.servers", SERVER.address());
        client.put("session.timeout.ms", "6000");
        client.put("heartbeat.interval.ms", "500");
        client.put("metadata.max.age.ms", "2000");
        client.put("reconnect.backoff.max.ms", "200");
        client.putAll(more);
        return KafkaSettings.builder(client)
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .retryDelay(Duration.ofMillis(50))
                .cloudEventSource("/test");
    }

    /** Larger than the producer's default limit, 1 MiB. */
    static Message tooLarge(String topic) {
        return new Message(
                new MessageId("too-large-" + topic),
                Destination.topic(topic),
                "k",
                "type",
                Headers.empty(),
                new byte[1024 * 1024]);
    }
}
