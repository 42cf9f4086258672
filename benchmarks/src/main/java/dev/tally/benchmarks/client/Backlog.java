package dev.tally.benchmarks.client;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;

/** Messages that wait at a broker. */
public final class Backlog {

    private static final int BATCH = 64;
    private static final int BATCH_THREADS = 4;
    private static final int HALF_THREADS = 64;
    private static final long CONSUMED_WITHIN_SECONDS = 600;

    private final Clients clients;
    private final Timing timing;

    /** At the broker of the clients. */
    public Backlog(Clients clients, Timing timing) {
        this.clients = clients;
        this.timing = timing;
    }

    /** Sends so many messages in batches; returns when all can be seen. */
    public void fill(String topic, long count) throws Exception {
        DefaultMQProducer producer = clients.producer();
        clients.createTopic(producer, topic);
        byte[] body = Clients.body();
        share(BATCH_THREADS, (count + BATCH - 1) / BATCH, () -> {
            List<Message> batch = new ArrayList<>(BATCH);
            for (int i = 0; i < BATCH; i++) {
                batch.add(new Message(topic, body));
            }
            producer.send(batch);
        });
        clients.awaitVisible(producer, topic, count);
    }

    /** Leaves so many half messages undecided, of a group that then goes away. */
    public void leaveUndecided(String topic, long count) throws Exception {
        TransactionMQProducer producer = clients.transactionProducer("bench-gone", LocalTransactionState.UNKNOW);
        clients.createTopic(producer, topic);
        byte[] body = Clients.body();
        share(HALF_THREADS, count, () -> producer.sendMessageInTransaction(new Message(topic, body), null));
        producer.shutdown();
    }

    /**
     * Consumes a topic's messages with a new group in clustering mode.
     *
     * @return messages for each second from the first to the last of {@code count}
     */
    public double consume(String topic, long count) throws Exception {
        DefaultMQPushConsumer consumer = clients.consumer("bench-consume", topic);
        AtomicLong left = new AtomicLong(count);
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            long before = left.getAndAdd(-messages.size());
            if (before == count) {
                first.set(timing.nanos());
            }
            if (before > 0 && before - messages.size() <= 0) {
                last.set(timing.nanos());
                done.countDown();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        if (!done.await(CONSUMED_WITHIN_SECONDS, TimeUnit.SECONDS)) {
            throw new BenchmarkException(left.get() + " of " + count + " messages were not consumed after "
                    + CONSUMED_WITHIN_SECONDS + " s");
        }
        return count * 1e9 / (last.get() - first.get());
    }

    private static void share(int threads, long times, SendLoad.Send work) throws Exception {
        AtomicLong next = new AtomicLong();
        List<Exception> failures = new ArrayList<>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            while (next.getAndIncrement() < times) {
                                work.send();
                            }
                        } catch (Exception e) {
                            next.set(times);
                            synchronized (failures) {
                                failures.add(e);
                            }
                        }
                    },
                    "fill-" + i);
            thread.setDaemon(true);
            running.add(thread);
            thread.start();
        }
        for (Thread thread : running) {
            thread.join();
        }
        synchronized (failures) {
            if (!failures.isEmpty()) {
                throw new BenchmarkException("A send failed while filling up", failures.get(0));
            }
        }
    }
}
