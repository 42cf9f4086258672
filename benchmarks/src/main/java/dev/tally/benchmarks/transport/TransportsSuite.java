package dev.tally.benchmarks.transport;

import dev.tally.benchmarks.figure.Report;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.figure.Suite;
import dev.tally.benchmarks.figure.Workload;
import dev.tally.benchmarks.time.Timing;
import dev.tally.testkit.throughput.SendThroughput;
import java.nio.file.Path;
import java.util.List;

/** Each transport beside the client that it is over, with the same acknowledgement. */
public final class TransportsSuite implements Suite {

    private final Settings settings;
    private final Timing timing;

    /** As the settings say. */
    public TransportsSuite(Settings settings, Timing timing, Report report) {
        this.settings = settings;
        this.timing = timing;
    }

    @Override
    public String name() {
        return "transports";
    }

    @Override
    public List<String> comments() {
        return List.of(
                "messages of " + SendThroughput.BYTES + " random bytes with " + SendThroughput.KEYS
                        + " keys, handed over in batches of " + SendThroughput.BATCH + ", at most "
                        + SendThroughput.UNDER_WAY + " under way; one thread sends",
                "tally: Transport.send, as the relay calls it; bare: the same client with the same acknowledgement (Kafka"
                        + " acks=all, RabbitMQ publisher confirms, JMS persistent, Redis appendfsync always, Pulsar and"
                        + " RocketMQ as they come), without Tally's headers",
                "each contender in a process of its own with a new broker; broker and rocketmq run in that process",
                "warm-up " + settings.warmUp().toMillis() + " ms and window "
                        + settings.window().toMillis() + " ms for each run; figures are medians");
    }

    @Override
    public void warmUp(Path directory) {
        // Every run has a JVM of its own, which warms itself up.
    }

    @Override
    public List<Workload> workloads() {
        return List.of(
                workload("broker", "rocketmq", "RocketMqThroughput", "broker"),
                workload("rocketmq", "rocketmq", "RocketMqThroughput", "rocketmq"),
                workload("kafka", "kafka", "KafkaThroughput"),
                workload("rabbitmq", "rabbitmq", "RabbitMqThroughput"),
                workload("artemis", "jms", "JmsThroughput", "artemis"),
                workload("activemq", "jms", "JmsThroughput", "activemq"),
                workload("redis", "redis", "RedisThroughput"),
                workload("pulsar", "pulsar", "PulsarThroughput"));
    }

    private Workload workload(String name, String module, String program, String... arguments) {
        return new Workload(
                name,
                List.of(
                        new ThroughputTrial("tally", module, program, List.of(arguments), settings, timing),
                        new ThroughputTrial("bare", module, program, List.of(arguments), settings, timing)));
    }
}
