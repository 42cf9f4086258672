package dev.tally.half;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.audit.JdbcAuditLog;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Transactions that are Tally's own are READ COMMITTED, whatever the application's pool says. */
class OwnTransactionsIsolationTest {

    enum Server {
        H2(TestDatabase::h2),
        POSTGRESQL(TestDatabase::postgresql),
        MARIADB(TestDatabase::mariaDb),
        MYSQL_STATEMENTS_ON_MARIADB(TestDatabase::mySqlOnMariaDb);

        private final Supplier<TestDatabase> open;

        Server(Supplier<TestDatabase> open) {
            this.open = open;
        }
    }

    /** A pool whose connections are SERIALIZABLE. */
    private static final class Strict extends DelegatingDataSource {

        Strict(DataSource target) {
            super(target);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            return connection;
        }
    }

    /** Notes the isolation of each transaction that begins. */
    private static final class Recording extends JdbcTransactionManager {

        private static final long serialVersionUID = 1;

        private final transient List<Integer> isolations = new ArrayList<>();

        Recording(DataSource dataSource) {
            super(dataSource);
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {
            super.doBegin(transaction, definition);
            ConnectionHolder holder = (ConnectionHolder) TransactionSynchronizationManager.getResource(getDataSource());
            try {
                isolations.add(holder.getConnection().getTransactionIsolation());
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isReadCommitted(Server server) {
        try (TestDatabase database = server.open.get()) {
            Recording transactions = new Recording(new Strict(database.dataSource()));
            DataSource strict = transactions.getDataSource();
            JdbcTransactionLedger ledger = new JdbcTransactionLedger(strict, transactions, database.dialect());
            ledger.resolve("t1");
            ledger.purge(Duration.ofDays(1), 10);
            ledger.forget(List.of("t2"));
            new JdbcInboxStore(strict, transactions, database.dialect()).purge(Duration.ofDays(1), 10);
            FakeHalfBroker broker = new FakeHalfBroker();
            broker.prepare(
                    "t1",
                    List.of(new Message(
                            new MessageId("m"), Destination.topic("t"), null, "text", Headers.empty(), new byte[0])));
            AtomicInteger ids = new AtomicInteger();
            new HandDecisions(
                            broker,
                            broker,
                            ledger,
                            new JdbcAuditLog(strict, () -> "a" + ids.incrementAndGet()),
                            transactions,
                            Duration.ofSeconds(5))
                    .decide("t1", false, false, "ada", "a test");
            assertThat(transactions.isolations)
                    .hasSizeGreaterThanOrEqualTo(6)
                    .containsOnly(Connection.TRANSACTION_READ_COMMITTED);
        }
    }
}
