package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import java.util.List;
import org.springframework.transaction.support.TransactionTemplate;

/** Rows by JdbcTemplate and transactions by Spring, as a service has them; only the publishing differs. */
abstract class SpringOrders implements Orders {

    private final OrderRows rows;
    private final TransactionTemplate transactions;

    SpringOrders(OrderRows rows, TransactionTemplate transactions) {
        this.rows = rows;
        this.transactions = transactions;
    }

    /** Within the transaction. */
    abstract void publish(Order order);

    @Override
    public void place(Order order) {
        transactions.executeWithoutResult(status -> {
            rows.insert(order);
            publish(order);
        });
    }

    @Override
    public void placeAll(List<Order> orders) {
        transactions.executeWithoutResult(status -> orders.forEach(order -> {
            rows.insert(order);
            publish(order);
        }));
    }
}
