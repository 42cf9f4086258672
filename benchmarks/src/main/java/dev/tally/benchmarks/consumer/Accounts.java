package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.BenchmarkException;
import org.springframework.jdbc.core.JdbcTemplate;

/** What an order does: one update of its customer's account, within the current transaction. */
final class Accounts {

    private static final String UPDATE =
            "UPDATE bench_account SET cents = cents + ?, orders = orders + 1 WHERE customer = ?";

    private final JdbcTemplate jdbc;
    private final Handling handling;

    Accounts(JdbcTemplate jdbc, Handling handling) {
        this.jdbc = jdbc;
        this.handling = handling;
    }

    void book(Order order) {
        handling.handles();
        int rows = jdbc.update(UPDATE, order.cents(), order.customer());
        if (rows != 1) {
            throw new BenchmarkException(
                    "Order " + order.orderId() + " changed " + rows + " accounts of customer " + order.customer());
        }
    }
}
