package dev.tally.testkit;

class PostgresNamastackBridgeTest extends NamastackBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
