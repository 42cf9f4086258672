package dev.tally.testkit;

class H2OutboxOperationsTest extends OutboxOperationsContract {

    @Override
    protected TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
