package dev.tally.benchmarks.application;

import dev.tally.benchmarks.figure.BenchmarkException;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.apache.rocketmq.spring.support.RocketMQHeaders;
import org.springframework.messaging.support.MessageBuilder;

/** The half message first; the listener then runs the transaction. */
class RocketMqSpringOrders implements Orders {

    static final String TRANSACTION = "transaction";

    private final RocketMQTemplate rocketMq;

    RocketMqSpringOrders(RocketMQTemplate rocketMq) {
        this.rocketMq = rocketMq;
    }

    @Override
    public Order place(long orderId) {
        Order order = Order.of(orderId);
        TransactionSendResult result = rocketMq.sendMessageInTransaction(
                Topics.ORDERS,
                MessageBuilder.withPayload(order)
                        .setHeader(RocketMQHeaders.KEYS, Long.toString(orderId))
                        .setHeader(TRANSACTION, "order-" + orderId)
                        .build(),
                order);
        if (result.getLocalTransactionState() != LocalTransactionState.COMMIT_MESSAGE) {
            throw new BenchmarkException("Order " + orderId + " was not placed: " + result);
        }
        return order;
    }
}
