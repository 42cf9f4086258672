package dev.tally.testkit;

class H2SagaStoreTest extends SagaStoreContract {

    @Override
    protected TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
