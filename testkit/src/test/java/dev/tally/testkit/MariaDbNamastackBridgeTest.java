package dev.tally.testkit;

class MariaDbNamastackBridgeTest extends NamastackBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
