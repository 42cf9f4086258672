package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The business rows, stored within the current transaction. */
final class OrderRows {

    static final String INSERT =
            "INSERT INTO bench_order (order_id, customer, cents, created_at) VALUES (?, ?, ?, CURRENT_TIMESTAMP)";

    // Holds the customer's row until the commit, so that the numbers are the order in which transactions took effect.
    private static final String NEXT_OF_CUSTOMER =
            "UPDATE bench_customer SET orders = orders + 1 WHERE customer = ? RETURNING orders";

    private final JdbcTemplate jdbc;
    private final Commits commits;
    private final boolean numbered;

    /** With {@code numbered}, an order's cents in its row are its number among its customer's orders. */
    OrderRows(JdbcTemplate jdbc, Commits commits, boolean numbered) {
        this.jdbc = jdbc;
        this.commits = commits;
        this.numbered = numbered;
    }

    void insert(Order order) {
        if (commits.isWatched()) {
            TransactionSynchronizationManager.registerSynchronization(new NoteCommit(order.orderId()));
        }
        Long cents = numbered
                ? jdbc.queryForObject(NEXT_OF_CUSTOMER, Long.class, order.customer())
                : Long.valueOf(order.cents());
        jdbc.update(INSERT, order.orderId(), order.customer(), cents);
    }

    /** Before everybody else who is told of the commit. */
    private final class NoteCommit implements TransactionSynchronization {

        private final long orderId;

        NoteCommit(long orderId) {
            this.orderId = orderId;
        }

        @Override
        public int getOrder() {
            return Ordered.HIGHEST_PRECEDENCE;
        }

        @Override
        public void afterCommit() {
            commits.note(orderId);
        }
    }
}
