package dev.tally.testkit;

class MariaDbOutboxOperationsTest extends OutboxOperationsContract {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
