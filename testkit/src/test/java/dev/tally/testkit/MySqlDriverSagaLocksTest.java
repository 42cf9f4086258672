package dev.tally.testkit;

/** MySQL's scripts, statements and driver on a MariaDB server, since no MySQL server can be had as a library. */
class MySqlDriverSagaLocksTest extends SagaLocksContract {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.byMySqlDriver("");
    }
}
