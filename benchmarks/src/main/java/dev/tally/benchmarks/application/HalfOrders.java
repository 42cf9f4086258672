package dev.tally.benchmarks.application;

import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;

/** Half messages, by annotation. */
class HalfOrders implements Orders {

    private final OrderTable table;

    HalfOrders(OrderTable table) {
        this.table = table;
    }

    @Override
    @TransactionalPublisher(topic = Topics.ORDERS, key = "#result.orderId", via = Via.HALF_MESSAGE)
    public Order place(long orderId) {
        return table.insert(orderId);
    }
}
