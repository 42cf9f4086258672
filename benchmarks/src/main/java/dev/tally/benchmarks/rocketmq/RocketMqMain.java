package dev.tally.benchmarks.rocketmq;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.SystemTiming;
import dev.tally.benchmarks.time.Timing;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
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
import org.apache.rocketmq.store.config.FlushDiskType;
import org.apache.rocketmq.store.config.MessageStoreConfig;

/**
 * RocketMQ's name server and broker as one process. Says {@code ready on ADDRESS} when clients can work with it, answers
 * questions on its input, and ends when that is closed.
 *
 * <p>Settings are RocketMQ's own except: addresses and paths; the flush mode; queueing limits raised so that a loaded
 * machine makes sends late and not failed; the share of the disk at which it refuses messages, raised.
 */
public final class RocketMqMain {

    /** Asks how long the log is. */
    public static final String LOG_BYTES = "log-bytes";

    private static final String LOOPBACK = "127.0.0.1";
    private static final String SYSTEM_TOPIC = "TBW102";
    private static final int PORT_ATTEMPTS = 50;
    private static final long PATIENCE_MILLIS = 60_000;
    private static final int DISK_MAX_USED_PERCENT = 98;
    private static final int CALM_MILLIS = 20;
    private static final Duration READY_WITHIN = Duration.ofMinutes(2);

    private final Path directory;
    private final FlushDiskType flush;
    private final boolean cured;
    private final Timing timing;

    private RocketMqMain(Path directory, FlushDiskType flush, boolean cured, Timing timing) {
        this.directory = directory;
        this.flush = flush;
        this.cured = cured;
        this.timing = timing;
    }

    /** Runs with a directory, {@code sync} or {@code async}, {@code cured} or {@code uncured}. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        // Without it the broker registers as an ancient one, and the name server drops its topics.
        System.setProperty(RemotingCommand.REMOTING_VERSION_KEY, Integer.toString(MQVersion.CURRENT_VERSION));
        FlushDiskType flush = arguments[1].equals("sync") ? FlushDiskType.SYNC_FLUSH : FlushDiskType.ASYNC_FLUSH;
        new RocketMqMain(Path.of(arguments[0]), flush, arguments[2].equals("cured"), new SystemTiming()).run(out);
        // An orderly stop takes 20 seconds.
        Runtime.getRuntime().halt(0);
    }

    private void run(PrintStream out) throws Exception {
        int nameServerPort = freePort();
        NamesrvController nameServer = startNameServer(nameServerPort);
        BrokerController broker = startBroker(nameServerPort);
        long start = timing.nanos();
        // It registers before its connection to the name server stands, and would try again 10 seconds later.
        do {
            if (timing.since(start).compareTo(READY_WITHIN) > 0) {
                throw new BenchmarkException("The RocketMQ broker was not registered after " + READY_WITHIN);
            }
            timing.pause(Duration.ofMillis(CALM_MILLIS));
            broker.registerBrokerAll(true, false, true);
        } while (nameServer.getRouteInfoManager().pickupTopicRouteData(SYSTEM_TOPIC) == null);
        out.println("ready on " + LOOPBACK + ":" + nameServerPort);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            if (line.equals(LOG_BYTES)) {
                out.println("log bytes " + broker.getMessageStore().getMaxPhyOffset());
            }
        }
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
            throw new BenchmarkException("The RocketMQ name server did not initialize in " + directory);
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
            throw new BenchmarkException("The RocketMQ broker did not initialize in " + directory);
        }
        if (cured) {
            calmTransactionService(broker);
        }
        broker.start();
        return broker;
    }

    private BrokerConfig brokerConfig(int nameServerPort) {
        BrokerConfig config = new BrokerConfig();
        config.setRocketmqHome(directory.toString());
        config.setNamesrvAddr(LOOPBACK + ":" + nameServerPort);
        config.setBrokerIP1(LOOPBACK);
        config.setBrokerIP2(LOOPBACK);
        config.setBrokerName("peer");
        config.setWaitTimeMillsInSendQueue(PATIENCE_MILLIS);
        config.setWaitTimeMillsInTransactionQueue(PATIENCE_MILLIS);
        config.setWaitTimeMillsInPullQueue(PATIENCE_MILLIS);
        return config;
    }

    private MessageStoreConfig store(int haPort) {
        MessageStoreConfig config = new MessageStoreConfig();
        config.setStorePathRootDir(directory.resolve("store").toString());
        config.setStorePathCommitLog(directory.resolve("store/commitlog").toString());
        config.setHaListenPort(haPort);
        config.setFlushDiskType(flush);
        config.setOsPageCacheBusyTimeOutMills(PATIENCE_MILLIS);
        config.setDiskMaxUsedSpaceRatio(DISK_MAX_USED_PERCENT);
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

    /** The broker also takes the port two below (its fast lane) and, here, the one above (replication). */
    private static int freeTriple() throws IOException {
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            int port = freePort();
            if (isFree(port - 2) && isFree(port + 1)) {
                return port;
            }
        }
        throw new IOException("No three free ports beside each other after " + PORT_ATTEMPTS + " attempts");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() == port;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }
}
