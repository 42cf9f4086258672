package dev.tally.transport.kafka.server;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.DynamicVoters;

/**
 * A Kafka of one node, broker and controller in one. Arguments: its folder, its port, its controller's port, and
 * {@code name=value} for further properties.
 */
public final class KafkaServerMain {

    static final String READY = "KAFKA READY";

    private KafkaServerMain() {}

    /** Starts it, and prints a line when it takes connections. */
    public static void main(String[] arguments) throws Exception {
        Path data = Path.of(arguments[0], "data");
        int port = Integer.parseInt(arguments[1]);
        int controllerPort = Integer.parseInt(arguments[2]);
        if (!Files.exists(data)) {
            format(data, controllerPort);
        }
        Properties properties = properties(data, port, controllerPort);
        Arrays.stream(arguments)
                .skip(3)
                .map(each -> each.split("=", 2))
                .forEach(each -> properties.put(each[0], each[1]));
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
        server.startup();
        System.out.println(READY);
        server.awaitShutdown();
    }

    private static void format(Path data, int controllerPort) throws Exception {
        Files.createDirectories(data);
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(1)
                .setDirectories(List.of(data.toString()))
                .setMetadataLogDirectory(data.toString())
                .setControllerListenerName("CONTROLLER")
                .setInitialControllers(DynamicVoters.parse("1@127.0.0.1:" + controllerPort + ":" + Uuid.randomUuid()))
                .setHasDynamicQuorum(true)
                .run();
    }

    private static Properties properties(Path data, int port, int controllerPort) {
        String listeners = "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort;
        Properties properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.bootstrap.servers", "127.0.0.1:" + controllerPort);
        properties.put("listeners", listeners);
        properties.put("advertised.listeners", listeners);
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("log.dirs", data.toString());
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("share.coordinator.state.topic.num.partitions", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("num.partitions", "1");
        // One that was killed comes back soon.
        properties.put("broker.session.timeout.ms", "3000");
        properties.put("broker.heartbeat.interval.ms", "500");
        // What a member without a life leaves behind is taken over soon.
        properties.put("group.min.session.timeout.ms", "1000");
        return properties;
    }
}
