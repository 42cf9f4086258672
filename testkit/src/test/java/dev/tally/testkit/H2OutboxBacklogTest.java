package dev.tally.testkit;

class H2OutboxBacklogTest extends OutboxBacklogBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
