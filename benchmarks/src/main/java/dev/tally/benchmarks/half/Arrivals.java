package dev.tally.benchmarks.half;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.application.Topics;
import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.message.MessageExt;

/** A consumer in this process that notes when each order arrived first. */
final class Arrivals {

    private static final Pattern ORDER_ID = Pattern.compile("\"orderId\":(\\d+)");
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final Map<Long, Long> firstNanos = new ConcurrentHashMap<>();
    private final Timing timing;

    private Arrivals(Timing timing) {
        this.timing = timing;
    }

    /** Begins to consume; ends with the clients. */
    static Arrivals of(Clients clients, Timing timing) throws MQClientException {
        Arrivals arrivals = new Arrivals(timing);
        DefaultMQPushConsumer consumer = clients.consumer("bench-arrivals", Topics.ORDERS);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            arrivals.note(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return arrivals;
    }

    private void note(List<MessageExt> messages) {
        long now = timing.nanos();
        for (MessageExt message : messages) {
            String body = new String(message.getBody(), StandardCharsets.UTF_8);
            Matcher matcher = ORDER_ID.matcher(body);
            if (!matcher.find() || message.getBody().length != Order.JSON_BYTES) {
                throw new BenchmarkException("A message is not an order of " + Order.JSON_BYTES + " bytes: " + body);
            }
            firstNanos.putIfAbsent(Long.parseLong(matcher.group(1)), now);
        }
    }

    /** When an order arrived, by {@link Timing#nanos()}. */
    long nanos(long orderId) {
        Long nanos = firstNanos.get(orderId);
        if (nanos == null) {
            throw new BenchmarkException("Order " + orderId + " has not arrived");
        }
        return nanos;
    }

    /** Waits for all of them. */
    void await(Collection<Long> orderIds, Duration within) throws InterruptedException {
        long start = timing.nanos();
        while (!firstNanos.keySet().containsAll(orderIds)) {
            if (timing.since(start).compareTo(within) > 0) {
                long missing = orderIds.stream()
                        .filter(orderId -> !firstNanos.containsKey(orderId))
                        .count();
                throw new BenchmarkException(
                        "Of " + orderIds.size() + " orders, " + missing + " had not arrived after " + within);
            }
            timing.pause(LOOK_AGAIN);
        }
    }
}
