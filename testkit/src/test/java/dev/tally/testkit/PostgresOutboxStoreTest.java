package dev.tally.testkit;

class PostgresOutboxStoreTest extends OutboxStoreContract {

    @Override
    protected TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
