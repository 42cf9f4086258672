package dev.tally.testkit;

class MariaDbSagaLocksTest extends SagaLocksContract {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
