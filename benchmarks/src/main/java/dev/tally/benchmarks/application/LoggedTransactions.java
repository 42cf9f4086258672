package dev.tally.benchmarks.application;

import org.apache.rocketmq.spring.annotation.RocketMQTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.messaging.Message;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The check-back code that users of rocketmq-spring write: a row in a table of their own, in the business transaction,
 * says that it committed.
 */
@RocketMQTransactionListener
@SuppressWarnings("rawtypes") // The interface's messages have no type parameter.
class LoggedTransactions implements RocketMQLocalTransactionListener {

    private static final Logger log = LoggerFactory.getLogger(LoggedTransactions.class);

    private final OrderTable table;
    private final JdbcTemplate jdbc;
    private final TransactionOperations transactions;

    LoggedTransactions(OrderTable table, JdbcTemplate jdbc, TransactionOperations transactions) {
        this.table = table;
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    @Override
    public RocketMQLocalTransactionState executeLocalTransaction(Message message, Object argument) {
        Order order = (Order) argument;
        try {
            transactions.executeWithoutResult(status -> {
                Order stored = table.insert(order.orderId());
                jdbc.update(
                        "INSERT INTO bench_transaction_log (transaction_id, created_at) VALUES (?, CURRENT_TIMESTAMP)",
                        "order-" + stored.orderId());
            });
            return RocketMQLocalTransactionState.COMMIT;
        } catch (DataAccessException | TransactionException e) {
            log.warn("an order was not stored orderId={}", order.orderId(), e);
            return RocketMQLocalTransactionState.ROLLBACK;
        }
    }

    @Override
    public RocketMQLocalTransactionState checkLocalTransaction(Message message) {
        Integer found = jdbc.queryForObject(
                "SELECT COUNT(*) FROM bench_transaction_log WHERE transaction_id = ?",
                Integer.class,
                message.getHeaders().get(RocketMqSpringOrders.TRANSACTION));
        return found != null && found > 0
                ? RocketMQLocalTransactionState.COMMIT
                : RocketMQLocalTransactionState.UNKNOWN;
    }
}
