package dev.tally.testkit;

class H2OutboxTableTest extends OutboxTableBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }

    @Override
    boolean isPartitioned() {
        return false;
    }
}
