package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.application.Topics;
import dev.tally.publish.TransactionalPublisher;

/** The outbox by annotation, without a key. */
class UnkeyedOrders implements AnnotatedOrders {

    private final OrderRows rows;

    UnkeyedOrders(OrderRows rows) {
        this.rows = rows;
    }

    @Override
    @TransactionalPublisher(topic = Topics.ORDERS)
    public Order place(Order order) {
        rows.insert(order);
        return order;
    }
}
