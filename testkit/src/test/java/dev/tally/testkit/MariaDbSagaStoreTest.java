package dev.tally.testkit;

class MariaDbSagaStoreTest extends SagaStoreContract {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
