package dev.tally.transport.rocketmq;

import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.rocketmq.client.common.ClientErrorCode;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.impl.producer.TopicPublishInfo;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.MixAll;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;
import org.apache.rocketmq.remoting.InvokeCallback;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.RemotingClient;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.body.ClusterInfo;
import org.apache.rocketmq.remoting.protocol.header.EndTransactionRequestHeader;
import org.apache.rocketmq.remoting.protocol.heartbeat.HeartbeatData;
import org.apache.rocketmq.remoting.protocol.heartbeat.ProducerData;
import org.apache.rocketmq.remoting.protocol.route.BrokerData;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;
import org.jspecify.annotations.Nullable;

/**
 * RocketMQ's transaction producer, opened where its public surface has no door: ending a half message that was sent
 * asynchronously, making itself known to brokers before it has sent anything, handing a delivery back. It is the only
 * class that touches the client's inner parts. Thread-safe once started.
 */
final class TallyProducer extends TransactionMQProducer {

    private static final KeyedQueue KEYED = new KeyedQueue();

    private final int requestTimeoutMillis;
    private final CallersThread senders;

    TallyProducer(String group, @Nullable RPCHook signing, int requestTimeoutMillis) {
        super(group, signing);
        this.requestTimeoutMillis = requestTimeoutMillis;
        this.senders = new CallersThread(defaultMQProducerImpl.getAsyncSenderExecutor());
        setAsyncSenderExecutor(senders);
    }

    @Override
    public void start() throws MQClientException {
        super.start();
        // Encoding and decoding take less than handing a request over to the threads that the client keeps for it.
        client().getNettyClientConfig().setDisableNettyWorkerGroup(true);
        RemotingClient connections = client().getMQClientAPIImpl().getRemotingClient();
        connections.registerRPCHook(new BinaryHeaders());
        connections.registerRPCHook(new SubscriptionRefresh(() -> client().sendHeartbeatToAllBrokerWithLock()));
    }

    /**
     * The same as {@link #sendAsync}, in this thread where all that it needs is known, so that it neither waits for a name
     * server nor for a connection. Not for sends that follow one another from their callbacks.
     */
    void sendAsyncHere(Message message, @Nullable String key, SendCallback callback)
            throws MQClientException, RemotingException, InterruptedException {
        senders.use(isRouted(message.getTopic()));
        try {
            sendAsync(message, key, callback);
        } finally {
            senders.use(false);
        }
    }

    // The successor of namespaces is understood by RocketMQ's gRPC proxy only, not by brokers.
    @SuppressWarnings("deprecation")
    private boolean isRouted(String topic) {
        TopicPublishInfo route =
                defaultMQProducerImpl.getTopicPublishInfoTable().get(withNamespace(topic));
        if (route == null || !route.ok()) {
            return false;
        }
        for (MessageQueue queue : route.getMessageQueueList()) {
            if (client().findBrokerAddressInPublish(queue.getBrokerName()) == null) {
                return false;
            }
        }
        return true;
    }

    void sendAsync(Message message, @Nullable String key, SendCallback callback)
            throws MQClientException, RemotingException, InterruptedException {
        SendCallback explaining = new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
                callback.onSuccess(result);
            }

            @Override
            public void onException(Throwable thrown) {
                callback.onException(explained(thrown, message.getTopic()));
            }
        };
        try {
            if (key == null) {
                send(message, explaining, requestTimeoutMillis);
            } else {
                send(message, KEYED, key, explaining, requestTimeoutMillis);
            }
        } catch (MQClientException e) {
            throw explained(e, message.getTopic()) instanceof MQClientException explained ? explained : e;
        }
    }

    /** A name server that refuses is, for the client, one that knows no route; the difference is worth a question. */
    private Throwable explained(Throwable thrown, String topic) {
        if (!(thrown instanceof MQClientException noRoute)
                || noRoute.getResponseCode() != ClientErrorCode.NOT_FOUND_TOPIC_EXCEPTION) {
            return thrown;
        }
        try {
            client().getMQClientAPIImpl().getTopicRouteInfoFromNameServer(topic, requestTimeoutMillis, false);
        } catch (MQClientException e) {
            if (e.getResponseCode() == ResponseCode.NO_PERMISSION) {
                MQClientException refused = new MQClientException(
                        e.getResponseCode(), "the name server refuses this client: " + e.getErrorMessage());
                refused.initCause(thrown);
                return refused;
            }
        } catch (RemotingException e) {
            thrown.addSuppressed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return thrown;
    }

    /**
     * Asks the half message's broker to end it, as a request.
     *
     * @param answered told of the answer, or that there will be none
     * @throws MQClientException if its broker has no address at the moment
     */
    void end(Message half, SendResult stored, LocalTransactionState state, InvokeCallback answered)
            throws RemotingException, MQClientException, InterruptedException, UnknownHostException {
        String broker = client().getBrokerNameFromMessageQueue(stored.getMessageQueue());
        String address = client().findBrokerAddressInPublish(broker);
        if (address == null) {
            // Who ends what another process has prepared may never have had to do with the topic and its brokers.
            client().updateTopicRouteInfoFromNameServer(half.getTopic());
            address = client().findBrokerAddressInPublish(broker);
        }
        if (address == null) {
            throw new MQClientException("Broker " + broker + " has no master at the moment", null);
        }
        EndTransactionRequestHeader header = new EndTransactionRequestHeader();
        header.setTopic(half.getTopic());
        header.setProducerGroup(getProducerGroup());
        header.setTransactionId(stored.getTransactionId());
        header.setMsgId(stored.getMsgId());
        header.setCommitLogOffset(MessageDecoder.decodeMessageId(
                        stored.getOffsetMsgId() != null ? stored.getOffsetMsgId() : stored.getMsgId())
                .getOffset());
        header.setTranStateTableOffset(stored.getQueueOffset());
        header.setBrokerName(broker);
        header.setCommitOrRollback(
                state == LocalTransactionState.COMMIT_MESSAGE
                        ? MessageSysFlag.TRANSACTION_COMMIT_TYPE
                        : MessageSysFlag.TRANSACTION_ROLLBACK_TYPE);
        client().getMQClientAPIImpl()
                .getRemotingClient()
                .invokeAsync(
                        address,
                        RemotingCommand.createRequestCommand(RequestCode.END_TRANSACTION, header),
                        requestTimeoutMillis,
                        answered);
    }

    /** Asks the name servers for the addresses of all brokers that take writes. */
    Set<String> findMasters() throws RemotingException, MQBrokerException, InterruptedException {
        return new HashSet<>(mastersByName().values());
    }

    /** The same with the brokers' names. */
    Map<String, String> mastersByName() throws RemotingException, MQBrokerException, InterruptedException {
        ClusterInfo cluster = client().getMQClientAPIImpl().getBrokerClusterInfo(requestTimeoutMillis);
        Map<String, String> masters = new TreeMap<>();
        if (cluster.getBrokerAddrTable() != null) {
            for (BrokerData broker : cluster.getBrokerAddrTable().values()) {
                String address = broker.getBrokerAddrs().get(MixAll.MASTER_ID);
                if (address != null) {
                    masters.put(broker.getBrokerName(), address);
                }
            }
        }
        return masters;
    }

    /** The addresses of all brokers, by name; that of another member where there is no master at the moment. */
    Map<String, String> brokersByName() throws RemotingException, MQBrokerException, InterruptedException {
        ClusterInfo cluster = client().getMQClientAPIImpl().getBrokerClusterInfo(requestTimeoutMillis);
        Map<String, String> brokers = new TreeMap<>();
        if (cluster.getBrokerAddrTable() != null) {
            for (BrokerData broker : cluster.getBrokerAddrTable().values()) {
                Map<Long, String> members = new TreeMap<>(broker.getBrokerAddrs());
                members.values().stream().findFirst().ifPresent(first -> brokers.put(broker.getBrokerName(), first));
            }
        }
        return brokers;
    }

    /** Sends a request that the client has no method for. */
    RemotingCommand ask(String address, int code, Map<String, String> fields)
            throws RemotingException, InterruptedException {
        RemotingCommand request = RemotingCommand.createRequestCommand(code, null);
        fields.forEach(request::addExtField);
        return client().getMQClientAPIImpl().getRemotingClient().invokeSync(address, request, requestTimeoutMillis);
    }

    /** Tells the broker at {@code address} that this producer group can be asked about its half messages here. */
    void announceTo(String address) throws RemotingException, MQBrokerException, InterruptedException {
        ProducerData producer = new ProducerData();
        producer.setGroupName(getProducerGroup());
        HeartbeatData heartbeat = new HeartbeatData();
        heartbeat.setClientID(client().getClientId());
        heartbeat.getProducerDataSet().add(producer);
        client().getMQClientAPIImpl().sendHeartbeat(address, heartbeat, requestTimeoutMillis);
    }

    /**
     * Hands a delivery back to its broker, which delivers it again or, with a negative level, dead-letters it.
     *
     * <p>The consumer's own method would, where the broker refuses, publish a new message instead; for an ordered
     * subscription that is a second copy out of order.
     */
    void handBack(MessageExt delivery, String topic, String group, int delayLevel, int maxReconsumeTimes)
            throws RemotingException, MQBrokerException, InterruptedException, MQClientException {
        String address = client().findBrokerAddressInPublish(delivery.getBrokerName());
        if (address == null) {
            throw new MQClientException("Broker " + delivery.getBrokerName() + " has no master at the moment", null);
        }
        String handlersTopic = delivery.getTopic();
        delivery.setTopic(topic);
        try {
            client().getMQClientAPIImpl()
                    .consumerSendMessageBack(
                            address,
                            delivery.getBrokerName(),
                            delivery,
                            group,
                            delayLevel,
                            requestTimeoutMillis,
                            maxReconsumeTimes);
        } finally {
            delivery.setTopic(handlersTopic);
        }
    }

    /** Whether the name servers have a route of {@code topic}; not through the client's cache, which logs every miss. */
    boolean knowsTopic(String topic) throws RemotingException, InterruptedException {
        try {
            client().getMQClientAPIImpl().getTopicRouteInfoFromNameServer(topic, requestTimeoutMillis, false);
            return true;
        } catch (MQClientException e) {
            return false;
        }
    }

    /** The address of a broker's master, as far as this client knows it. */
    @Nullable String masterOf(String brokerName) {
        return client().findBrokerAddressInPublish(brokerName);
    }

    /** The topic's queues and brokers, as the name servers have them now. */
    TopicRouteData routeOf(String topic) throws RemotingException, MQClientException, InterruptedException {
        return client().getMQClientAPIImpl().getTopicRouteInfoFromNameServer(topic, requestTimeoutMillis, false);
    }

    /** Creates a topic the way a first message to it would, on the brokers that allow that. */
    void createTopicAsFirstMessageWould(String topic, String templateTopic) throws MQClientException {
        client().getMQAdminImpl().createTopic(templateTopic, topic, getDefaultTopicQueueNums());
    }

    void refreshRoute(String topic) {
        client().updateTopicRouteInfoFromNameServer(topic);
        client().rebalanceImmediately();
    }

    private MQClientInstance client() {
        return defaultMQProducerImpl.getMqClientFactory();
    }
}
