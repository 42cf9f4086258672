package dev.tally.testkit;

class MariaDbOutboxTableTest extends OutboxTableBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
