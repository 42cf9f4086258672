package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.application.Topics;
import dev.tally.publish.TransactionalPublisher;

/** The outbox by annotation, each order under its customer's key. */
class KeyedOrders implements AnnotatedOrders {

    private final OrderRows rows;

    KeyedOrders(OrderRows rows) {
        this.rows = rows;
    }

    @Override
    @TransactionalPublisher(topic = Topics.ORDERS, key = "#result.customer")
    public Order place(Order order) {
        rows.insert(order);
        return order;
    }
}
