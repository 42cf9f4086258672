package dev.tally.transport.rocketmq.real;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.rocketmq.auth.config.AuthConfig;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.broker.transaction.queue.TransactionalMessageBridge;
import org.apache.rocketmq.broker.transaction.queue.TransactionalMessageServiceImpl;
import org.apache.rocketmq.common.BrokerConfig;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.remoting.netty.NettyClientConfig;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.store.config.BrokerRole;
import org.apache.rocketmq.store.config.MessageStoreConfig;

/**
 * A real RocketMQ broker inside this JVM, on the loopback address, small and quick: topics are created on demand, an
 * undecided half message is asked about after one to two seconds.
 *
 * <p>Never shut down cleanly, that takes 20 seconds: its threads are daemons or end with the JVM.
 */
final class RealBroker {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BrokerController controller;

    private RealBroker(BrokerController controller) {
        this.controller = controller;
    }

    /**
     * Starts it and registers it with the name server.
     *
     * @param settings what is different from the small and quick broker, by the names of RocketMQ's configuration files
     */
    static RealBroker start(Path directory, String nameServer, Properties settings) throws Exception {
        // Without it the broker registers as an ancient one, and the name server drops its topics.
        System.setProperty(RemotingCommand.REMOTING_VERSION_KEY, Integer.toString(MQVersion.CURRENT_VERSION));
        Properties all = new Properties();
        all.putAll(smallAndQuick(directory, nameServer));
        all.putAll(settings);
        BrokerConfig config = new BrokerConfig();
        NettyServerConfig server = new NettyServerConfig();
        NettyClientConfig client = new NettyClientConfig();
        MessageStoreConfig store = new MessageStoreConfig();
        AuthConfig access = new AuthConfig();
        for (Object each : new Object[] {config, server, client, store, access}) {
            MixAll.properties2Object(all, each);
        }
        if (store.getBrokerRole() != BrokerRole.SLAVE) {
            config.setBrokerId(MixAll.MASTER_ID);
        }
        store.setHaListenPort(server.getListenPort() + 1);
        access.setConfigName(config.getBrokerName());
        access.setClusterName(config.getBrokerClusterName());
        access.setAuthConfigPath(directory.resolve("access").toString());
        BrokerController controller = new BrokerController(config, server, client, store, access);
        controller.getConfiguration().registerConfig(all);
        if (!controller.initialize()) {
            throw new IllegalStateException("The RocketMQ broker did not initialize in " + directory);
        }
        calmTransactionService(controller);
        controller.start();
        return new RealBroker(controller);
    }

    private static Properties smallAndQuick(Path directory, String nameServer) throws Exception {
        Properties settings = new Properties();
        settings.setProperty("rocketmqHome", directory.toString());
        settings.setProperty("storePathRootDir", directory.resolve("store").toString());
        settings.setProperty(
                "storePathCommitLog", directory.resolve("store/commitlog").toString());
        settings.setProperty("namesrvAddr", nameServer);
        settings.setProperty("bindAddress", "127.0.0.1");
        settings.setProperty("listenPort", Integer.toString(RealRocketMq.freeBrokerPort()));
        settings.setProperty("brokerIP1", "127.0.0.1");
        settings.setProperty("brokerIP2", "127.0.0.1");
        settings.setProperty("brokerName", "real");
        settings.setProperty("autoCreateTopicEnable", "true");
        settings.setProperty("fileReservedTime", Long.toString(RealRocketMq.FILE_RESERVED_TIME.toHours()));
        settings.setProperty("transactionTimeOut", "1000");
        settings.setProperty("transactionCheckInterval", "500");
        settings.setProperty("transactionOpBatchInterval", "100");
        settings.setProperty("transactionMetricFlushInterval", "500");
        // On a loaded machine it shall be slow, and not refuse what waited for 200 ms.
        String patienceMillis = Long.toString(PATIENCE.toMillis());
        settings.setProperty("waitTimeMillsInSendQueue", patienceMillis);
        settings.setProperty("waitTimeMillsInPullQueue", patienceMillis);
        settings.setProperty("waitTimeMillsInTransactionQueue", patienceMillis);
        settings.setProperty("osPageCacheBusyTimeOutMills", patienceMillis);
        settings.setProperty("mappedFileSizeCommitLog", Integer.toString(16 * 1024 * 1024));
        settings.setProperty("mappedFileSizeConsumeQueue", "120000");
        settings.setProperty("maxIndexNum", "20000");
        settings.setProperty("maxHashSlotNum", "5000");
        settings.setProperty("diskMaxUsedSpaceRatio", "98");
        settings.setProperty("messageDelayLevel", "1s 1s 1s 2s 2s 5s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m");
        return settings;
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

    BrokerController controller() {
        return controller;
    }

    /** Creates a topic here; clients see it when the broker has registered the next time. */
    void createTopic(String topic, int queues) {
        controller.getTopicConfigManager().updateTopicConfig(new TopicConfig(topic, queues, queues));
    }

    /** Registers until the name server has the topic; by itself the broker tries every 10 seconds. */
    void awaitRegistered(Predicate<String> nameServerKnows, String topic) {
        await().atMost(PATIENCE).pollInterval(200, TimeUnit.MILLISECONDS).until(() -> {
            controller.registerBrokerAll(true, false, true);
            return nameServerKnows.test(topic);
        });
    }
}
