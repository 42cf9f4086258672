package dev.tally.transport.pulsar.throughput;

import dev.tally.message.Message;
import dev.tally.testkit.throughput.SendThroughput;
import dev.tally.testkit.throughput.Sender;
import dev.tally.transport.pulsar.PulsarSettings;
import dev.tally.transport.pulsar.PulsarTransport;
import dev.tally.transport.pulsar.server.PulsarServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pulsar.client.api.BatcherBuilder;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Sends to a Pulsar in a process of its own, by the transport or by the bare client, and prints how many messages were
 * confirmed in a second.
 */
final class PulsarThroughput {

    private static final String TOPIC = "throughput";
    private static final int PARTITIONS = 8;
    private static final int TIMEOUT_MILLIS = 20_000;

    private PulsarThroughput() {}

    /** Takes {@code tally} or {@code bare}, a folder, milliseconds of warm-up and of the window. */
    public static void main(String[] arguments) throws Exception {
        try (PulsarServer server = PulsarServer.startForLoad(Path.of(arguments[1]))) {
            server.createTopic(TOPIC, PARTITIONS);
            PulsarClient client =
                    PulsarClient.builder().serviceUrl(server.serviceUrl()).build();
            Sender sender;
            if (arguments[0].equals("tally")) {
                sender = Sender.of(new PulsarTransport(
                        client,
                        PulsarSettings.builder()
                                .sendTimeout(Duration.ofMillis(TIMEOUT_MILLIS))
                                .build()));
            } else {
                Producer<byte[]> producer = client.newProducer(Schema.BYTES)
                        .topic(TOPIC)
                        // Without it the order of a key would not reach its consumers.
                        .batcherBuilder(BatcherBuilder.KEY_BASED)
                        .blockIfQueueFull(false)
                        .sendTimeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                        .create();
                sender = (batch, ended) -> bare(producer, batch, ended);
            }
            double perSecond = new SendThroughput(TOPIC, System::nanoTime)
                    .perSecond(
                            sender,
                            Duration.ofMillis(Long.parseLong(arguments[2])),
                            Duration.ofMillis(Long.parseLong(arguments[3])));
            System.out.println("confirmed/s=" + perSecond);
            System.out.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    private static void bare(Producer<byte[]> producer, List<Message> batch, Consumer<@Nullable String> ended) {
        for (Message message : batch) {
            var unused = producer.newMessage()
                    .key(message.key())
                    .value(message.payload())
                    .sendAsync()
                    .whenComplete((id, failure) -> ended.accept(failure == null ? null : failure.toString()));
        }
    }
}
