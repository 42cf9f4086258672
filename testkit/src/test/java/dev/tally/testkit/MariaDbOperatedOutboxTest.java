package dev.tally.testkit;

class MariaDbOperatedOutboxTest extends OperatedOutboxBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
