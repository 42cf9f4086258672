package dev.tally.transport.rocketmq;

import java.util.concurrent.ExecutorService;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.TransactionListener;
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

    private final RocketMqSettings settings;

    ClientFactory(RocketMqSettings settings) {
        this.settings = settings;
    }

    /** Whether encrypted connections are to brokers that can prove who they are; the client's default is not to ask. */
    static boolean verifiesCertificates() {
        return !TlsSystemConfig.tlsTestModeEnable && TlsSystemConfig.tlsClientAuthServer;
    }

    TallyProducer producer(TransactionListener checkBacks, ExecutorService checkBackThreads) {
        int timeoutMillis = Math.toIntExact(settings.sendTimeout().toMillis());
        TallyProducer producer = new TallyProducer(settings.producerGroup(), signing(), timeoutMillis);
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
