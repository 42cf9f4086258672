package dev.tally.benchmarks.application;

import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;

/** The outbox, by annotation. */
class OutboxOrders implements Orders {

    private final OrderTable table;

    OutboxOrders(OrderTable table) {
        this.table = table;
    }

    @Override
    @TransactionalPublisher(topic = Topics.ORDERS, key = "#result.orderId", via = Via.OUTBOX)
    public Order place(long orderId) {
        return table.insert(orderId);
    }
}
