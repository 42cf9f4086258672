package dev.tally.testkit;

class PostgresSagaStoreTest extends SagaStoreContract {

    @Override
    protected TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
