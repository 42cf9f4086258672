package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import org.springframework.transaction.support.TransactionTemplate;

/** Nothing but the row. */
final class RowOrders extends SpringOrders {

    RowOrders(OrderRows rows, TransactionTemplate transactions) {
        super(rows, transactions);
    }

    @Override
    void publish(Order order) {
        // that is what is left out
    }
}
