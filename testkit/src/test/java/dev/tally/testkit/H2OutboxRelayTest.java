package dev.tally.testkit;

class H2OutboxRelayTest extends OutboxRelayBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
