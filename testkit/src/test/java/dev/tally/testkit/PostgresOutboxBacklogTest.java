package dev.tally.testkit;

class PostgresOutboxBacklogTest extends OutboxBacklogBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
