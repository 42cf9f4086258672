package dev.tally.transport.kafka.throughput;

import dev.tally.message.Message;
import dev.tally.testkit.throughput.SendThroughput;
import dev.tally.testkit.throughput.Sender;
import dev.tally.transport.kafka.KafkaSettings;
import dev.tally.transport.kafka.KafkaTransport;
import dev.tally.transport.kafka.server.KafkaServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Sends to a broker in a process of its own, by the transport or by the bare client, and prints the confirmed messages in a second. */
final class KafkaThroughput {

    private static final String TOPIC = "throughput";
    private static final int PARTITIONS = 8;

    private KafkaThroughput() {}

    /** Takes {@code tally} or {@code bare}, a folder, milliseconds of warm-up and of the window. */
    public static void main(String[] arguments) throws Exception {
        KafkaServer server = new KafkaServer();
        server.createTopic(TOPIC, PARTITIONS);
        Map<String, Object> client = Map.of("bootstrap.servers", server.address());
        Sender sender;
        if (arguments[0].equals("tally")) {
            sender = Sender.of(new KafkaTransport(KafkaSettings.builder(client).build()));
        } else {
            // Its own defaults are acks=all and idempotence, as the transport's are.
            KafkaProducer<String, byte[]> producer =
                    new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer());
            sender = (batch, ended) -> bare(producer, batch, ended);
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

    private static void bare(
            KafkaProducer<String, byte[]> producer, List<Message> batch, Consumer<@Nullable String> ended) {
        for (Message message : batch) {
            var unused = producer.send(
                    new ProducerRecord<>(TOPIC, message.key(), message.payload()),
                    (metadata, failure) -> ended.accept(failure == null ? null : failure.toString()));
        }
    }
}
