package dev.tally.testkit;

class MariaDbOutboxStoreTest extends OutboxStoreContract {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
