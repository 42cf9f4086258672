package dev.tally.transport.rocketmq;

import java.util.concurrent.ExecutorService;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.netty.TlsSystemConfig;
import org.jspecify.annotations.Nullable;

/**
 * Makes RocketMQ clients from the settings. All clients of one transport have one instance name, so they share
 * connections and threads; two transports have two.
 */
final class ClientFactory {

    /** Routes of new topics are noticed within this time; RocketMQ's default is 30 s. */
    private static final int ROUTE_REFRESH_MILLIS = 10_000;

    /** Of Netty, since 4.2. */
    private static final String HOST_NAME_CHECK = "io.netty.handler.ssl.defaultEndpointVerificationAlgorithm";

    private final RocketMqSettings settings;

    ClientFactory(RocketMqSettings settings) {
        this.settings = settings;
    }

    /**
     * What somebody who configures TLS has to know of RocketMQ's client, which takes its settings for that from system
     * properties: by default it trusts everybody, and where it does not, it cannot compare host names, as Netty wants it to
     * since 4.2.
     *
     * @return {@code null} where all is as it should be
     */
    static @Nullable String tlsAdvice() {
        if (TlsSystemConfig.tlsTestModeEnable || !TlsSystemConfig.tlsClientAuthServer) {
            return "Connections are encrypted, but brokers' certificates are not verified: RocketMQ's client does that with"
                    + " the system properties " + TlsSystemConfig.TLS_TEST_MODE_ENABLE + "=false, "
                    + TlsSystemConfig.TLS_CLIENT_AUTHSERVER + "=true, " + TlsSystemConfig.TLS_CLIENT_TRUSTCERTPATH
                    + " and " + HOST_NAME_CHECK + "=NONE";
        }
        if (!"NONE".equalsIgnoreCase(System.getProperty(HOST_NAME_CHECK))) {
            return "Brokers' certificates are verified, and all connections will fail with 'Hostname or IP address is"
                    + " undefined', since RocketMQ's client does not tell Netty the host's name: set the system property "
                    + HOST_NAME_CHECK + "=NONE for this process, and trust brokers' certificates only";
        }
        return null;
    }

    TallyProducer producer(CheckBackListener checkBacks, ExecutorService checkBackThreads) {
        int timeoutMillis = Math.toIntExact(settings.sendTimeout().toMillis());
        RPCHook signing = signing();
        TallyProducer producer = new TallyProducer(
                settings.producerGroup(),
                signing == null ? null : new CheckBackSigning(signing, checkBacks::topicAskedAbout),
                timeoutMillis);
        configure(producer);
        producer.setTransactionListener(checkBacks);
        producer.setExecutorService(checkBackThreads);
        producer.setSendMsgTimeout(timeoutMillis);
        producer.setMaxMessageSize(settings.maxMessageBytes());
        // The relay retries. A retry in here would overtake the key's later messages.
        producer.setRetryTimesWhenSendAsyncFailed(0);
        producer.setRetryTimesWhenSendFailed(0);
        return producer;
    }

    DefaultMQPushConsumer consumer(String group) {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group, signing());
        configure(consumer);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeMessageBatchMaxSize(settings.consumeBatchSize());
        consumer.setPullThresholdForQueue(settings.cachedMessagesPerQueue());
        consumer.setAwaitTerminationMillisWhenShutdown(settings.closeTimeout().toMillis());
        return consumer;
    }

    @SuppressWarnings("deprecation") // Its successor is understood by RocketMQ's gRPC proxy only, not by brokers.
    private void configure(ClientConfig client) {
        client.setNamesrvAddr(settings.nameServer());
        client.setInstanceName(settings.instanceName());
        client.setUseTLS(settings.tls());
        client.setVipChannelEnabled(false);
        client.setPollNameServerInterval(ROUTE_REFRESH_MILLIS);
        if (settings.namespace() != null) {
            client.setNamespace(settings.namespace());
        }
    }

    private @Nullable RPCHook signing() {
        return settings.accessKey() == null
                ? null
                : new AclClientRPCHook(new SessionCredentials(settings.accessKey(), settings.secretKey()));
    }
}
