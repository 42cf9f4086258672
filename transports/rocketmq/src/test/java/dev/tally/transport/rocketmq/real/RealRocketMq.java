package dev.tally.transport.rocketmq.real;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.broker.transaction.queue.TransactionalMessageBridge;
import org.apache.rocketmq.broker.transaction.queue.TransactionalMessageServiceImpl;
import org.apache.rocketmq.common.BrokerConfig;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.namesrv.NamesrvConfig;
import org.apache.rocketmq.namesrv.NamesrvController;
import org.apache.rocketmq.remoting.netty.NettyClientConfig;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.store.config.MessageStoreConfig;

/**
 * A real RocketMQ name server and broker inside the test JVM, on the loopback address, small and quick: topics are
 * created on demand, an undecided half message is asked about after one to two seconds.
 *
 * <p>Never shut down cleanly, that takes 20 seconds: its threads are daemons or end with the JVM.
 */
public final class RealRocketMq {

    private static final int FREE_PORT_ATTEMPTS = 20;

    private final NamesrvController nameServer;
    private final BrokerController broker;
    private final int nameServerPort;

    private RealRocketMq(NamesrvController nameServer, int nameServerPort, BrokerController broker) {
        this.nameServer = nameServer;
        this.nameServerPort = nameServerPort;
        this.broker = broker;
    }

    /** Starts both, with their files below {@code directory}. */
    public static RealRocketMq start(Path directory) throws Exception {
        // Without it the broker registers as an ancient one, and the name server drops its topics.
        System.setProperty(RemotingCommand.REMOTING_VERSION_KEY, Integer.toString(MQVersion.CURRENT_VERSION));
        int nameServerPort = freePort();
        NamesrvController nameServer = startNameServer(directory, nameServerPort);
        BrokerController broker = startBroker(directory, nameServerPort);
        RealRocketMq started = new RealRocketMq(nameServer, nameServerPort, broker);
        started.awaitRegistered();
        return started;
    }

    /** Address for clients. */
    public String nameServerAddress() {
        return "127.0.0.1:" + nameServerPort;
    }

    /** Creates a topic with {@code queues} queues and waits until clients can see it. */
    public void createTopic(String topic, int queues) {
        broker.getTopicConfigManager().updateTopicConfig(new TopicConfig(topic, queues, queues));
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            broker.registerBrokerAll(true, false, true);
            return nameServer.getRouteInfoManager().pickupTopicRouteData(topic) != null;
        });
    }

    private static NamesrvController startNameServer(Path directory, int port) throws Exception {
        NamesrvConfig config = new NamesrvConfig();
        config.setRocketmqHome(directory.toString());
        config.setKvConfigPath(directory.resolve("kvConfig.json").toString());
        config.setConfigStorePath(directory.resolve("namesrv.properties").toString());
        NettyServerConfig server = new NettyServerConfig();
        server.setBindAddress("127.0.0.1");
        server.setListenPort(port);
        NamesrvController controller = new NamesrvController(config, server);
        if (!controller.initialize()) {
            throw new IllegalStateException("The RocketMQ name server did not initialize in " + directory);
        }
        controller.start();
        return controller;
    }

    private static BrokerController startBroker(Path directory, int nameServerPort) throws Exception {
        int port = freeTriple();
        BrokerConfig config = new BrokerConfig();
        config.setRocketmqHome(directory.toString());
        config.setNamesrvAddr("127.0.0.1:" + nameServerPort);
        config.setBrokerIP1("127.0.0.1");
        config.setBrokerIP2("127.0.0.1");
        config.setBrokerName("real");
        config.setAutoCreateTopicEnable(true);
        config.setTransactionTimeOut(1000);
        config.setTransactionCheckInterval(500);
        config.setTransactionOpBatchInterval(100);
        config.setTransactionMetricFlushInterval(500);
        NettyServerConfig server = new NettyServerConfig();
        server.setBindAddress("127.0.0.1");
        server.setListenPort(port);
        BrokerController broker =
                new BrokerController(config, server, new NettyClientConfig(), store(directory, port + 1));
        if (!broker.initialize()) {
            throw new IllegalStateException("The RocketMQ broker did not initialize in " + directory);
        }
        calmTransactionService(broker);
        broker.start();
        return broker;
    }

    private static MessageStoreConfig store(Path directory, int haPort) {
        MessageStoreConfig config = new MessageStoreConfig();
        config.setStorePathRootDir(directory.resolve("store").toString());
        config.setStorePathCommitLog(directory.resolve("store/commitlog").toString());
        config.setHaListenPort(haPort);
        config.setMappedFileSizeCommitLog(16 * 1024 * 1024);
        config.setMappedFileSizeConsumeQueue(120_000);
        config.setMaxIndexNum(20_000);
        config.setMaxHashSlotNum(5_000);
        config.setDiskMaxUsedSpaceRatio(98);
        config.setMessageDelayLevel("1s 1s 1s 2s 2s 5s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m");
        return config;
    }

    /** The broker's own service spins on one core for ever after the first ended half message. */
    private static void calmTransactionService(BrokerController broker) {
        broker.getTransactionalMessageService().close();
        broker.setTransactionalMessageService(
                new TransactionalMessageServiceImpl(new TransactionalMessageBridge(broker, broker.getMessageStore())) {
                    @Override
                    public long batchSendOpMessage() {
                        long next = super.batchSendOpMessage();
                        return next > 0 ? next : System.currentTimeMillis() + 20;
                    }
                });
    }

    private void awaitRegistered() {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(200, TimeUnit.MILLISECONDS)
                .until(() -> {
                    broker.registerBrokerAll(true, false, true);
                    return nameServer.getRouteInfoManager().pickupTopicRouteData("TBW102") != null;
                });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The broker also takes the port two below (its fast lane) and here the one above (replication). */
    private static int freeTriple() throws IOException {
        for (int attempt = 0; attempt < FREE_PORT_ATTEMPTS; attempt++) {
            int port = freePort();
            if (port > 1026 && port < 65_000 && isFree(port - 2) && isFree(port + 1)) {
                return port;
            }
        }
        throw new IOException("No three free ports beside each other after " + FREE_PORT_ATTEMPTS + " attempts");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.getLocalPort() == port;
        } catch (IOException e) {
            return false;
        }
    }
}
