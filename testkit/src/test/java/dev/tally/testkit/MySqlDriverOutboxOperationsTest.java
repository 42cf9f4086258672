package dev.tally.testkit;

class MySqlDriverOutboxOperationsTest extends OutboxOperationsContract {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.byMySqlDriver("");
    }
}
