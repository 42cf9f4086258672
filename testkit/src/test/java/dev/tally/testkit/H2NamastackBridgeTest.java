package dev.tally.testkit;

class H2NamastackBridgeTest extends NamastackBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
