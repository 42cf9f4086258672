package dev.tally.benchmarks.client;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Official clients with their own defaults, except that time-outs are long; all are shut down together. */
public final class Clients implements AutoCloseable {

    /** Bytes of each body. */
    public static final int BODY_BYTES = 1024;

    private static final AtomicInteger INSTANCES = new AtomicInteger();
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int QUEUES = 8;
    private static final long SEED = 20_261_121;
    private static final String SYSTEM_TOPIC = "TBW102";
    private static final Duration SEEN_WITHIN = Duration.ofMinutes(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private final String address;
    private final Timing timing;
    private final List<Runnable> shutdowns = new ArrayList<>();

    /** For a name server. */
    public Clients(String address, Timing timing) {
        this.address = address;
        this.timing = timing;
    }

    /** The body of every message: it cannot be compressed. */
    public static byte[] body() {
        byte[] bytes = new byte[BODY_BYTES];
        new SplittableRandom(SEED).nextBytes(bytes);
        return bytes;
    }

    /** A started producer. */
    public DefaultMQProducer producer() throws MQClientException {
        DefaultMQProducer producer = new DefaultMQProducer("bench-send");
        start(producer);
        return producer;
    }

    /** A started producer that answers {@code state} for every local transaction, then and when asked later. */
    public TransactionMQProducer transactionProducer(String group, LocalTransactionState state)
            throws MQClientException {
        TransactionMQProducer producer = new TransactionMQProducer(group);
        producer.setTransactionListener(new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
                return state;
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return state;
            }
        });
        start(producer);
        return producer;
    }

    private void start(DefaultMQProducer producer) throws MQClientException {
        producer.setNamesrvAddr(address);
        producer.setInstanceName(nextInstance());
        producer.setSendMsgTimeout(TIMEOUT_MILLIS);
        producer.setMqClientApiTimeout(TIMEOUT_MILLIS);
        producer.start();
        shutdowns.add(producer::shutdown);
    }

    /** A push consumer in clustering mode that is not started yet. */
    public DefaultMQPushConsumer consumer(String group, String topic) throws MQClientException {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(address);
        consumer.setInstanceName(nextInstance());
        consumer.setMqClientApiTimeout(TIMEOUT_MILLIS);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        shutdowns.add(consumer::shutdown);
        return consumer;
    }

    private static String nextInstance() {
        return "bench-" + ProcessHandle.current().pid() + "-" + INSTANCES.incrementAndGet();
    }

    /** Creates a topic with 8 queues; returns when a producer can send to it. */
    public void createTopic(DefaultMQProducer producer, String topic) throws MQClientException, InterruptedException {
        createTopic(producer, topic, QUEUES);
    }

    /** Creates a topic with so many queues; returns when a producer can send to it. */
    // What it is deprecated for, the admin tools, would be a second client to start.
    @SuppressWarnings("deprecation")
    public void createTopic(DefaultMQProducer producer, String topic, int queues)
            throws MQClientException, InterruptedException {
        long start = timing.nanos();
        while (true) {
            try {
                // Its time-out is fixed and short; creating a topic again is as good as once.
                producer.createTopic(SYSTEM_TOPIC, topic, queues, Map.of());
                int found = producer.fetchPublishMessageQueues(topic).size();
                if (found == queues) {
                    return;
                }
                throw new BenchmarkException(
                        "Topic " + topic + " was created with " + found + " queues, not " + queues);
            } catch (MQClientException e) {
                if (timing.since(start).compareTo(SEEN_WITHIN) > 0) {
                    throw e;
                }
                timing.pause(LOOK_AGAIN);
            }
        }
    }

    /** How many messages of a topic can be seen. */
    // What it is deprecated for, the admin tools, would be a second client to start.
    @SuppressWarnings("deprecation")
    static long visible(DefaultMQProducer producer, String topic) throws MQClientException {
        long sum = 0;
        for (MessageQueue queue : producer.fetchPublishMessageQueues(topic)) {
            sum += producer.maxOffset(queue);
        }
        return sum;
    }

    /**
     * Waits until all of a topic's messages can be seen: a commit is sent without waiting for an answer.
     *
     * @throws BenchmarkException when some are missing after a minute
     */
    public void awaitVisible(DefaultMQProducer producer, String topic, long count)
            throws MQClientException, InterruptedException {
        long start = timing.nanos();
        for (long seen = visible(producer, topic); seen < count; seen = visible(producer, topic)) {
            if (timing.since(start).compareTo(SEEN_WITHIN) > 0) {
                throw new BenchmarkException("Of " + count + " acknowledged messages of topic " + topic + ", " + seen
                        + " could be seen after " + SEEN_WITHIN);
            }
            timing.pause(LOOK_AGAIN);
        }
    }

    @Override
    public void close() {
        shutdowns.parallelStream().forEach(Runnable::run);
    }
}
