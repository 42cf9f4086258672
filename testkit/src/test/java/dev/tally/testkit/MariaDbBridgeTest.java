package dev.tally.testkit;

class MariaDbBridgeTest extends BridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
