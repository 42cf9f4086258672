package dev.tally.testkit;

class PostgresModulithBridgeTest extends ModulithBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
