package dev.tally.testkit;

class PostgresOutboxTableTest extends OutboxTableBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
