package dev.tally.testkit;

/**
 * MySQL's scripts, statements and driver on a MariaDB server, since no MySQL server can be had as a library. With batches sent
 * as one, of which the driver may not say what became of each statement.
 */
class MySqlDriverSagaStoreTest extends SagaStoreContract {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.byMySqlDriver("&rewriteBatchedStatements=true");
    }
}
