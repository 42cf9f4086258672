package dev.tally.transport.rocketmq.real;

import static org.awaitility.Awaitility.await;

import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.rocketmq.store.MessageStore;
import org.apache.rocketmq.store.exception.ConsumeQueueException;

/**
 * A real RocketMQ master in a process of its own, that can be killed, and its slave and the name server in this JVM. What
 * a producer is told to be stored is on both.
 */
public final class ReplicatedRocketMq implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final RealNameServer nameServer;
    private final Path directory;
    private final String topic;
    private final int masterPort;
    private ChildJvm master;
    private final RealBroker slave;

    private ReplicatedRocketMq(Path directory, String topic) throws Exception {
        this.directory = directory;
        this.topic = topic;
        this.nameServer = RealNameServer.start(Files.createDirectories(directory.resolve("names")), FreePorts.next());
        this.masterPort = RealRocketMq.freeBrokerPort();
        startMaster();
        Properties settings = new Properties();
        settings.setProperty("brokerName", "pair");
        settings.setProperty("brokerId", "1");
        settings.setProperty("brokerRole", "SLAVE");
        settings.setProperty("slaveReadEnable", "true");
        this.slave =
                RealBroker.start(Files.createDirectories(directory.resolve("slave")), nameServer.address(), settings);
        joinSlave();
    }

    /** Starts all, with a topic that the slave has as well. */
    public static ReplicatedRocketMq start(Path directory, String topic) throws Exception {
        return new ReplicatedRocketMq(directory, topic);
    }

    /** Starts the master, for the first time or after it was killed, with what it has on disk. */
    public void startMaster() throws Exception {
        Path files = Files.createDirectories(directory.resolve("master"));
        master = ChildJvm.start(
                        RealRocketMqMain.class,
                        RealRocketMqMain.READY,
                        List.of(
                                "directory=" + files,
                                "nameServer=" + nameServer.address(),
                                "system.user.home=" + files,
                                "listenPort=" + masterPort,
                                "brokerName=pair",
                                "brokerRole=SYNC_MASTER",
                                // By default a master counts as enough, and SYNC_MASTER waits for nobody.
                                "inSyncReplicas=2",
                                "slaveTimeout=60000",
                                // Late enough that nothing is asked about that is being decided, on a busy machine as
                                // well.
                                "transactionTimeOut=5000",
                                "topic." + topic + "=2"))
                .awaitReady();
        await().atMost(PATIENCE).until(() -> nameServer.hasMaster(topic));
    }

    private void joinSlave() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
            slave.controller().registerBrokerAll(true, false, true);
            slave.controller().getSlaveSynchronize().syncAll();
            return slave.controller().getTopicConfigManager().selectTopicConfig(topic) != null;
        });
    }

    /** Address for clients. */
    public String nameServerAddress() {
        return nameServer.address();
    }

    /** How many messages of the topic the slave has that consumers can read. */
    public long readableOnSlave() throws ConsumeQueueException {
        MessageStore store = slave.controller().getMessageStore();
        return store.getMaxOffsetInQueue(topic, 0) + store.getMaxOffsetInQueue(topic, 1);
    }

    /** Kills the master as a lost machine would, and waits until the name server has noticed. */
    public void killMaster() {
        master.kill();
        await().atMost(PATIENCE).until(() -> !nameServer.hasMaster(topic));
    }

    @Override
    public void close() {
        master.close();
    }
}
