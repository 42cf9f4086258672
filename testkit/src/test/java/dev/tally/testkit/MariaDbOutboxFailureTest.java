package dev.tally.testkit;

class MariaDbOutboxFailureTest extends OutboxFailureBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
