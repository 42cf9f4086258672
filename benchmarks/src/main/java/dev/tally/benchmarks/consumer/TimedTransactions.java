package dev.tally.benchmarks.consumer;

import javax.sql.DataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** The transaction manager that an application has, with a clock. */
@SuppressWarnings("serial") // Its superclass says that it could be serialized; nobody does.
final class TimedTransactions extends JdbcTransactionManager {

    private final transient Handling handling;

    TimedTransactions(DataSource dataSource, Handling handling) {
        super(dataSource);
        this.handling = handling;
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        handling.begins();
        super.doBegin(transaction, definition);
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        super.doCommit(status);
        handling.committed();
    }
}
