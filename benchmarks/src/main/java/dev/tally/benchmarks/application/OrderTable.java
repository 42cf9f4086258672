package dev.tally.benchmarks.application;

import org.springframework.jdbc.core.JdbcTemplate;

/** The business rows. */
class OrderTable {

    private static final String INSERT =
            "INSERT INTO bench_order (order_id, customer, cents, created_at) VALUES (?, ?, ?, CURRENT_TIMESTAMP)";

    private final JdbcTemplate jdbc;
    private final CommitHook hook;

    OrderTable(JdbcTemplate jdbc, CommitHook hook) {
        this.jdbc = jdbc;
        this.hook = hook;
    }

    /** Within the current transaction. */
    Order insert(long orderId) {
        Order order = Order.of(orderId);
        hook.register(orderId);
        jdbc.update(INSERT, order.orderId(), order.customer(), order.cents());
        return order;
    }
}
