package dev.tally.testkit;

class PostgresOutboxOperationsTest extends OutboxOperationsContract {

    @Override
    protected TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
