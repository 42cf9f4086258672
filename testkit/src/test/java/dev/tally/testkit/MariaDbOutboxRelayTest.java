package dev.tally.testkit;

class MariaDbOutboxRelayTest extends OutboxRelayBehaviour {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
