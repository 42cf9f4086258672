package dev.tally.testkit;

class H2OutboxStoreTest extends OutboxStoreContract {

    @Override
    protected TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
