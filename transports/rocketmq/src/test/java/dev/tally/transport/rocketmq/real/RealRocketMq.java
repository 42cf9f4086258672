package dev.tally.transport.rocketmq.real;

import dev.tally.testkit.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;

/** A real RocketMQ name server and broker inside the test JVM, see {@link RealBroker}. */
public final class RealRocketMq {

    /** How long it asks about a half message at most; RocketMQ's default is 72 hours. */
    public static final Duration FILE_RESERVED_TIME = Duration.ofHours(48);

    private final RealNameServer nameServer;
    private final RealBroker broker;

    private RealRocketMq(RealNameServer nameServer, RealBroker broker) {
        this.nameServer = nameServer;
        this.broker = broker;
    }

    /** Starts both, with their files below the module's {@code target}. */
    public static RealRocketMq start() throws Exception {
        Path target = Files.createDirectories(Path.of("target"));
        return start(Files.createTempDirectory(target, "rocketmq"));
    }

    /** Starts both, with their files below {@code directory}. */
    public static RealRocketMq start(Path directory) throws Exception {
        return start(directory, FreePorts.next(), freeBrokerPort());
    }

    /** The same at given ports; the broker also takes the ones two below and one above its own. */
    public static RealRocketMq start(Path directory, int nameServerPort, int brokerPort) throws Exception {
        RealNameServer nameServer = RealNameServer.start(directory, nameServerPort);
        Properties settings = new Properties();
        settings.setProperty("listenPort", Integer.toString(brokerPort));
        RealBroker broker = RealBroker.start(directory, nameServer.address(), settings);
        broker.awaitRegistered(nameServer::knowsTopic, "TBW102");
        return new RealRocketMq(nameServer, broker);
    }

    /** Address for clients. */
    public String nameServerAddress() {
        return nameServer.address();
    }

    /** Creates a topic with {@code queues} queues and waits until clients can see it. */
    public void createTopic(String topic, int queues) {
        broker.createTopic(topic, queues);
        broker.awaitRegistered(nameServer::knowsTopic, topic);
    }

    /** A port for a broker, which also takes the one two below (its fast lane) and here the one above (replication). */
    public static int freeBrokerPort() {
        return FreePorts.nextWith(-2, 1);
    }
}
