package dev.tally.testkit;

class PostgresOutboxFailureTest extends OutboxFailureBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
