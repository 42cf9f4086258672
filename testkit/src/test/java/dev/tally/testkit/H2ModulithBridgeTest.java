package dev.tally.testkit;

class H2ModulithBridgeTest extends ModulithBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
