package dev.tally.testkit;

class H2SagaLocksTest extends SagaLocksContract {

    @Override
    protected TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
