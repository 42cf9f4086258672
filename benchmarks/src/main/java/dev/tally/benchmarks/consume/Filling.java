package dev.tally.benchmarks.consume;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.client.Threads;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.message.MessageTypes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import tools.jackson.databind.json.JsonMapper;

/** Lets orders wait in a topic, as our transport would send them: the queue by the key, all of a key in order. */
public final class Filling {

    private static final int BATCH = 64;
    private static final int THREADS = 4;

    private final Clients clients;
    private final DefaultMQProducer producer;
    private final JsonMapper json = JsonMapper.shared();

    /** By a producer of the clients. */
    public Filling(Clients clients, DefaultMQProducer producer) {
        this.clients = clients;
        this.producer = producer;
    }

    /**
     * Creates the topic and fills it; returns when all can be seen.
     *
     * @param copies how often each message is sent
     */
    public void fill(String topic, int queues, int keys, int copies, long firstId, long count) throws Exception {
        clients.createTopic(producer, topic, queues);
        List<MessageQueue> sorted = producer.fetchPublishMessageQueues(topic).stream()
                .sorted(Comparator.comparingInt(MessageQueue::getQueueId))
                .toList();
        AtomicInteger next = new AtomicInteger();
        int threads = Math.min(THREADS, queues);
        Threads.run(threads, () -> {
            int first = next.getAndIncrement();
            Sending sending = new Sending(topic, sorted, keys, copies);
            for (long orderId = firstId; orderId < firstId + count; orderId++) {
                if (sending.queueOf(orderId) % threads == first) {
                    sending.add(orderId);
                }
            }
            return sending.flush();
        });
        clients.awaitVisible(producer, topic, count * copies);
    }

    /** What one thread sends: some of the queues. */
    private final class Sending {

        private final String topic;
        private final List<MessageQueue> queues;
        private final int keys;
        private final int copies;
        private final Map<Integer, List<Long>> open = new TreeMap<>();
        private long sent;

        Sending(String topic, List<MessageQueue> queues, int keys, int copies) {
            this.topic = topic;
            this.queues = queues;
            this.keys = keys;
            this.copies = copies;
        }

        int queueOf(long orderId) {
            return keyOf(orderId) % queues.size();
        }

        private int keyOf(long orderId) {
            return (int) (orderId % keys);
        }

        void add(long orderId) throws Exception {
            List<Long> batch = open.computeIfAbsent(queueOf(orderId), queue -> new ArrayList<>());
            batch.add(orderId);
            if (batch.size() == BATCH) {
                send(queueOf(orderId), batch);
            }
        }

        long flush() throws Exception {
            for (Map.Entry<Integer, List<Long>> left : open.entrySet()) {
                if (!left.getValue().isEmpty()) {
                    send(left.getKey(), left.getValue());
                }
            }
            return sent;
        }

        private void send(int queue, List<Long> orderIds) throws Exception {
            for (int copy = 0; copy < copies; copy++) {
                // New ones each time: the broker would know a request that is only repeated.
                producer.send(orderIds.stream().map(this::message).toList(), queues.get(queue));
            }
            sent += orderIds.size();
            orderIds.clear();
        }

        private Message message(long orderId) {
            Order order = Order.of(orderId, keyOf(orderId));
            byte[] body = json.writeValueAsBytes(order);
            if (body.length != Order.JSON_BYTES) {
                throw new BenchmarkException("Order " + orderId + " has " + body.length + " bytes of JSON");
            }
            Message message = new Message(topic, body);
            message.putUserProperty("tally-id", idOf(orderId));
            message.putUserProperty("tally-type", MessageTypes.nameOf(Order.class));
            message.putUserProperty("tally-key", order.customer());
            return message;
        }
    }

    /** As long as ours are, and as they, greater with time. */
    private static String idOf(long orderId) {
        return String.format(Locale.ROOT, "019a0000-0000-7000-8000-%012d", orderId);
    }
}
