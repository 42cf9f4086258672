package dev.tally.testkit;

class H2BridgeTest extends BridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
