package dev.tally.broker.conformity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.OfficialClients;
import dev.tally.broker.PopClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.MQClientAPIImpl;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** One test on one target: fresh names, clients that end with the test, and requests beside the clients. */
final class Trial implements AutoCloseable {

    /** For what takes moments on an idle machine. */
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final int TIMEOUT_MILLIS = 60_000;
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Target target;
    private final String test;
    private final OfficialClients clients;
    private @Nullable DefaultMQAdminExt admin;

    Trial(Target target, String test) {
        this.target = target;
        this.test = test.substring(0, Math.min(40, test.length()));
        this.clients = new OfficialClients(target.address());
    }

    OfficialClients clients() {
        return clients;
    }

    /** Clients with settings of the test's own; to be closed by it. */
    OfficialClients clients(Consumer<ClientConfig> settings) {
        return new OfficialClients(target.address(), settings);
    }

    String address() {
        return target.address();
    }

    /** A name that no topic or group had before. */
    String name() {
        return test + "-" + NAMES.incrementAndGet();
    }

    /** A new topic with one queue. */
    String topic() throws Exception {
        return topic(1);
    }

    String topic(int queues) throws Exception {
        String topic = name();
        target.helper().createTopic("TBW102", topic, queues, Map.of());
        awaitRoute(topic);
        return topic;
    }

    /** The topic's queues, once clients can see it. */
    List<MessageQueue> awaitRoute(String topic) {
        return await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(MQClientException.class)
                .until(() -> target.helper().fetchPublishMessageQueues(topic), queues -> !queues.isEmpty());
    }

    /** Configures a consumer group. */
    void configure(SubscriptionGroupConfig group) throws Exception {
        api().createSubscriptionGroup(brokerAddress(), group, TIMEOUT_MILLIS);
    }

    /** Sends a request that no client sends, and answers the answer. */
    RemotingCommand call(RemotingCommand request) throws Exception {
        return api().getRemotingClient().invokeSync(brokerAddress(), request, TIMEOUT_MILLIS);
    }

    /** The same to the name server. */
    RemotingCommand callNameServer(RemotingCommand request) throws Exception {
        return api().getRemotingClient().invokeSync(target.address(), request, TIMEOUT_MILLIS);
    }

    /** RocketMQ's own admin client; it ends with the test. */
    synchronized DefaultMQAdminExt admin() throws MQClientException {
        if (admin == null) {
            DefaultMQAdminExt started = new DefaultMQAdminExt(TIMEOUT_MILLIS);
            started.setNamesrvAddr(target.address());
            started.setInstanceName(OfficialClients.nextInstance());
            started.setMqClientApiTimeout(TIMEOUT_MILLIS);
            started.start();
            admin = started;
        }
        return admin;
    }

    /** Pops of a group below the client's consumers. */
    PopClient popper(String topic, String group) throws Exception {
        return new PopClient(target.helper(), awaitRoute(topic).get(0).getBrokerName(), brokerAddress(), topic, group);
    }

    MQClientAPIImpl api() {
        return factory().getMQClientAPIImpl();
    }

    /** Where the broker itself listens. */
    String brokerAddress() throws Exception {
        return api().getTopicRouteInfoFromNameServer("TBW102", TIMEOUT_MILLIS)
                .getBrokerDatas()
                .get(0)
                .selectBrokerAddr();
    }

    private MQClientInstance factory() {
        return target.helper().getDefaultMQProducerImpl().getMqClientFactory();
    }

    /** Waits for what must come. */
    static void eventually(Callable<Boolean> condition) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(condition);
    }

    /** The code of the broker's refusal; where the client tried again, that of the last one. */
    static int refusal(ThrowingCallable call) {
        Throwable refusal = catchThrowable(call);
        if (refusal instanceof MQBrokerException byBroker) {
            return byBroker.getResponseCode();
        }
        assertThat(refusal).isInstanceOf(MQClientException.class).hasRootCauseInstanceOf(MQBrokerException.class);
        return ((MQClientException) refusal).getResponseCode();
    }

    @Override
    public synchronized void close() {
        clients.close();
        if (admin != null) {
            admin.shutdown();
        }
    }

    @Override
    public String toString() {
        return test + " on " + target.name();
    }
}
