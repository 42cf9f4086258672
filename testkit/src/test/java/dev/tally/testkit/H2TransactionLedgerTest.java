package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.TransactionLedger;
import dev.tally.jdbc.Dialect;
import dev.tally.jdbc.SchemaScripts;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class H2TransactionLedgerTest extends JdbcLedgerBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return H2Database.inMemory();
    }

    /** H2 binds some conditions of a table to the session that created it, and a pool closes its connections in the end. */
    @Test
    void outlivesTheConnectionThatCreatedItsTable() {
        DataSource withoutPool =
                new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
        SchemaScripts.locations(Dialect.H2)
                .forEach(location ->
                        new ResourceDatabasePopulator(new ClassPathResource(location)).execute(withoutPool));
        JdbcTransactionManager transactions = new JdbcTransactionManager(withoutPool);
        TransactionLedger ledger = new JdbcTransactionLedger(withoutPool, transactions, Dialect.H2);

        new TransactionTemplate(transactions).executeWithoutResult(status -> ledger.recordCommitted("t1"));

        assertThat(ledger.resolve("t1")).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(ledger.resolve("t2")).isEqualTo(CheckBackAnswer.ROLLBACK);
    }
}
