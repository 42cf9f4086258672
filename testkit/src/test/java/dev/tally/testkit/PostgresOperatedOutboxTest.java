package dev.tally.testkit;

class PostgresOperatedOutboxTest extends OperatedOutboxBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
