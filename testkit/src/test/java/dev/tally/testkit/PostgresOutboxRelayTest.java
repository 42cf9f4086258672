package dev.tally.testkit;

class PostgresOutboxRelayTest extends OutboxRelayBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
