package dev.tally.benchmarks.application;

import org.springframework.transaction.annotation.Transactional;

/** Nothing but the row. */
class RowOrders implements Orders {

    private final OrderTable table;

    RowOrders(OrderTable table) {
        this.table = table;
    }

    @Override
    @Transactional
    public Order place(long orderId) {
        return table.insert(orderId);
    }
}
