package dev.tally.transport.kafka.server;

import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import dev.tally.testkit.TransportFaultsContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** A Kafka of one node in a child process, which can be killed and started again on its port and data. */
public final class KafkaServer implements TransportFaultsContract.BrokerProcess, AutoCloseable {

    private static final List<String> OPTIONS =
            List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private final Map<String, String> properties;
    private final Path folder;
    private final int port = FreePorts.next();
    private final int controllerPort = FreePorts.next();
    private ChildJvm process;

    /** Starts it in a folder of its own; returns when it takes connections. */
    public KafkaServer() {
        this(Map.of());
    }

    /** The same with properties of the broker. */
    public KafkaServer(Map<String, String> properties) {
        this.properties = Map.copyOf(properties);
        try {
            folder = Files.createTempDirectory("tally-kafka");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a folder for Kafka", e);
        }
        process = launch();
    }

    /** What people call it. */
    public static String product() {
        return "Kafka " + org.apache.kafka.common.utils.AppInfoParser.getVersion();
    }

    private ChildJvm launch() {
        List<String> arguments =
                new ArrayList<>(List.of(folder.toString(), Integer.toString(port), Integer.toString(controllerPort)));
        properties.forEach((name, value) -> arguments.add(name + "=" + value));
        return ChildJvm.start(
                        OPTIONS,
                        System.getProperty("java.class.path"),
                        KafkaServerMain.class,
                        KafkaServerMain.READY,
                        arguments)
                .awaitReady();
    }

    /** For {@code bootstrap.servers}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public synchronized void kill() {
        process.close();
    }

    @Override
    public synchronized void start() {
        process = launch();
    }

    /**
     * Creates a topic; returns when each partition's leader answers. A producer that asks sooner may get into a state in
     * which the broker takes its numbers for out of order until its time-out.
     */
    public void createTopic(String topic, int partitions) {
        createTopic(topic, partitions, Map.of());
    }

    /** The same with properties of the topic. */
    public void createTopic(String topic, int partitions, Map<String, String> properties) {
        NewTopic created = new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(properties);
        Map<TopicPartition, OffsetSpec> ends = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address()))) {
            admin.createTopics(List.of(created)).all().get(60, TimeUnit.SECONDS);
            while (true) {
                try {
                    admin.listOffsets(ends).all().get(60, TimeUnit.SECONDS);
                    return;
                } catch (ExecutionException e) {
                    Thread.onSpinWait();
                }
            }
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException("Cannot create topic " + topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while creating topic " + topic, e);
        }
    }

    @Override
    public synchronized void close() {
        process.close();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + folder, e);
        }
    }
}
