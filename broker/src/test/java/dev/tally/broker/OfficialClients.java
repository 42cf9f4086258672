package dev.tally.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.RPCHook;
import org.jspecify.annotations.Nullable;

/** Official clients that are pointed at a broker under test and shut down with it. */
public final class OfficialClients implements AutoCloseable {

    private static final AtomicInteger INSTANCES = new AtomicInteger();
    private static final int TIMEOUT_MILLIS = 30_000;

    private final String address;
    private final Consumer<ClientConfig> settings;
    private final @Nullable RPCHook hook;
    private final List<Runnable> shutdowns = new ArrayList<>();

    public OfficialClients(String address) {
        this(address, client -> {});
    }

    /** Clients with settings of the test's own, made before a client starts. */
    public OfficialClients(String address, Consumer<ClientConfig> settings) {
        this(address, settings, null);
    }

    /** Clients that have each request go through a hook, such as one that signs it. */
    public OfficialClients(String address, Consumer<ClientConfig> settings, @Nullable RPCHook hook) {
        this.address = address;
        this.settings = settings;
        this.hook = hook;
    }

    public static String nextInstance() {
        return "test-" + ProcessHandle.current().pid() + "-" + INSTANCES.incrementAndGet();
    }

    public DefaultMQProducer producer(String group) throws MQClientException {
        DefaultMQProducer producer = new DefaultMQProducer(group, hook);
        producer.setNamesrvAddr(address);
        producer.setInstanceName(nextInstance());
        producer.setSendMsgTimeout(TIMEOUT_MILLIS);
        producer.setMqClientApiTimeout(TIMEOUT_MILLIS);
        settings.accept(producer);
        producer.start();
        shutdowns.add(producer::shutdown);
        return producer;
    }

    public TransactionMQProducer transactionProducer(String group, TransactionListener listener)
            throws MQClientException {
        TransactionMQProducer producer = new TransactionMQProducer(group, hook);
        producer.setNamesrvAddr(address);
        producer.setInstanceName(nextInstance());
        producer.setSendMsgTimeout(TIMEOUT_MILLIS);
        producer.setMqClientApiTimeout(TIMEOUT_MILLIS);
        producer.setTransactionListener(listener);
        settings.accept(producer);
        producer.start();
        shutdowns.add(producer::shutdown);
        return producer;
    }

    /** A push consumer that is not started yet. */
    public DefaultMQPushConsumer consumer(String group, String topic, String expression) throws MQClientException {
        // Old clients have no shorter form with a hook.
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group, hook, new AllocateMessageQueueAveragely());
        consumer.setNamesrvAddr(address);
        consumer.setInstanceName(nextInstance());
        consumer.setMqClientApiTimeout(TIMEOUT_MILLIS);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(2);
        consumer.setConsumeThreadMax(2);
        consumer.subscribe(topic, expression);
        settings.accept(consumer);
        shutdowns.add(consumer::shutdown);
        return consumer;
    }

    /** A started push consumer that keeps what it gets. */
    public List<MessageExt> consumed(String group, String topic, String expression) throws MQClientException {
        List<MessageExt> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = consumer(group, topic, expression);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return got;
    }

    public DefaultLitePullConsumer litePull(String group) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group, hook);
        consumer.setNamesrvAddr(address);
        consumer.setInstanceName(nextInstance());
        consumer.setMqClientApiTimeout(TIMEOUT_MILLIS);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        shutdowns.add(consumer::shutdown);
        return consumer;
    }

    public static Message message(String topic, String tag, String body) {
        return new Message(topic, tag, body.getBytes(StandardCharsets.UTF_8));
    }

    public static String text(MessageExt message) {
        return new String(message.getBody(), StandardCharsets.UTF_8);
    }

    public static List<String> texts(List<MessageExt> messages) {
        return messages.stream().map(OfficialClients::text).toList();
    }

    @Override
    public void close() {
        shutdowns.parallelStream().forEach(Runnable::run);
    }
}
