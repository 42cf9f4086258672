package dev.tally.testkit;

class MariaDbModulithBridgeTest extends ModulithBridgeBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
