package dev.tally.testkit;

class MariaDbOutboxBacklogTest extends OutboxBacklogBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
