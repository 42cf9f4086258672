package dev.tally.broker.conformity;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.broker.transaction.queue.TransactionalMessageBridge;
import org.apache.rocketmq.broker.transaction.queue.TransactionalMessageServiceImpl;
import org.apache.rocketmq.common.BrokerConfig;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.namesrv.NamesrvConfig;
import org.apache.rocketmq.namesrv.NamesrvController;
import org.apache.rocketmq.remoting.netty.NettyClientConfig;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.store.config.MessageStoreConfig;

/**
 * RocketMQ's name server and broker as one process. Says {@code ready on ADDRESS} when clients can work with it, and ends
 * when its input does: also where the test JVM is killed.
 *
 * <p>Settings are RocketMQ's own except: addresses, paths and file sizes; short delay levels and transaction checks, as
 * {@link Targets} gives ours; queueing limits raised, so that a loaded machine makes requests late and not failed; what is
 * off by default and tested here is on.
 */
public final class RocketMqMain {

    private static final String LOOPBACK = "127.0.0.1";
    private static final String TEMPLATE_TOPIC = "TBW102";
    private static final Duration READY_WITHIN = Duration.ofMinutes(4);
    private static final int PORT_ATTEMPTS = 50;
    private static final long PATIENCE_MILLIS = 60_000;
    private static final long CALM_MILLIS = 20;

    private final Path directory;

    private RocketMqMain(Path directory) {
        this.directory = directory;
    }

    /** Runs with a directory. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        // Without it the broker registers as an ancient one, and the name server drops its topics.
        System.setProperty(RemotingCommand.REMOTING_VERSION_KEY, Integer.toString(MQVersion.CURRENT_VERSION));
        try {
            out.println("ready on " + new RocketMqMain(Path.of(arguments[0])).start());
            while (System.in.read() >= 0) {
                // Nothing is asked this way.
            }
        } catch (Exception | Error e) {
            // Nobody else would: the process does not get as far as its own report.
            e.printStackTrace();
        } finally {
            // An orderly stop takes 20 seconds.
            Runtime.getRuntime().halt(0);
        }
    }

    private String start() throws Exception {
        int nameServerPort = freePort();
        NamesrvController nameServer = startNameServer(nameServerPort);
        BrokerController broker = startBroker(nameServerPort);
        // It registers before its connection to the name server stands, and would try again 10 seconds later.
        await().atMost(READY_WITHIN).pollInterval(Duration.ofMillis(200)).until(() -> {
            broker.registerBrokerAll(true, false, true);
            return nameServer.getRouteInfoManager().pickupTopicRouteData(TEMPLATE_TOPIC) != null;
        });
        return LOOPBACK + ":" + nameServerPort;
    }

    private NamesrvController startNameServer(int port) throws Exception {
        NamesrvConfig config = new NamesrvConfig();
        config.setRocketmqHome(directory.toString());
        config.setKvConfigPath(directory.resolve("kvConfig.json").toString());
        config.setConfigStorePath(directory.resolve("namesrv.properties").toString());
        NettyServerConfig server = new NettyServerConfig();
        server.setBindAddress(LOOPBACK);
        server.setListenPort(port);
        NamesrvController controller = new NamesrvController(config, server);
        if (!controller.initialize()) {
            throw new IllegalStateException("The RocketMQ name server did not initialize in " + directory);
        }
        controller.start();
        return controller;
    }

    private BrokerController startBroker(int nameServerPort) throws Exception {
        int port = freeTriple();
        NettyServerConfig server = new NettyServerConfig();
        server.setBindAddress(LOOPBACK);
        server.setListenPort(port);
        BrokerController broker =
                new BrokerController(brokerConfig(nameServerPort), server, new NettyClientConfig(), store(port + 1));
        if (!broker.initialize()) {
            throw new IllegalStateException("The RocketMQ broker did not initialize in " + directory);
        }
        calmTransactionService(broker);
        broker.start();
        return broker;
    }

    private BrokerConfig brokerConfig(int nameServerPort) {
        BrokerConfig config = new BrokerConfig();
        config.setRocketmqHome(directory.toString());
        config.setNamesrvAddr(LOOPBACK + ":" + nameServerPort);
        config.setBrokerIP1(LOOPBACK);
        config.setBrokerIP2(LOOPBACK);
        config.setBrokerName("rocketmq");
        config.setWaitTimeMillsInSendQueue(PATIENCE_MILLIS);
        config.setWaitTimeMillsInTransactionQueue(PATIENCE_MILLIS);
        config.setWaitTimeMillsInPullQueue(PATIENCE_MILLIS);
        config.setTransactionTimeOut(1000);
        config.setTransactionCheckInterval(500);
        config.setTransactionOpBatchInterval(100);
        config.setTransactionMetricFlushInterval(500);
        config.setRecallMessageEnable(true);
        config.setEnablePropertyFilter(true);
        config.setTraceTopicEnable(true);
        return config;
    }

    private MessageStoreConfig store(int haPort) {
        MessageStoreConfig config = new MessageStoreConfig();
        config.setStorePathRootDir(directory.resolve("store").toString());
        config.setStorePathCommitLog(directory.resolve("store/commitlog").toString());
        config.setHaListenPort(haPort);
        config.setMappedFileSizeCommitLog(32 * 1024 * 1024);
        config.setMappedFileSizeConsumeQueue(120_000);
        config.setMaxIndexNum(20_000);
        config.setMaxHashSlotNum(5_000);
        config.setOsPageCacheBusyTimeOutMills(PATIENCE_MILLIS);
        config.setDiskMaxUsedSpaceRatio(98);
        config.setMessageDelayLevel(Targets.DELAY_LEVELS);
        return config;
    }

    /** The broker's own service takes one core for ever after the first ended half message. */
    private static void calmTransactionService(BrokerController broker) {
        broker.getTransactionalMessageService().close();
        broker.setTransactionalMessageService(
                new TransactionalMessageServiceImpl(new TransactionalMessageBridge(broker, broker.getMessageStore())) {
                    @Override
                    public long batchSendOpMessage() {
                        long next = super.batchSendOpMessage();
                        return next > 0 ? next : broker.getMessageStore().now() + CALM_MILLIS;
                    }
                });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The broker also takes the port two below (its fast lane) and, here, the one above (replication). */
    private static int freeTriple() throws IOException {
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            int port = freePort();
            if (port < 65_000 && isFree(port - 2) && isFree(port + 1)) {
                return port;
            }
        }
        throw new IOException("No three free ports beside each other after " + PORT_ATTEMPTS + " attempts");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() == port;
        } catch (IOException e) {
            return false;
        }
    }
}
