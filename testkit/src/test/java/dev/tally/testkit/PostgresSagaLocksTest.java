package dev.tally.testkit;

class PostgresSagaLocksTest extends SagaLocksContract {

    @Override
    protected TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
