package dev.tally.testkit;

class H2OperatedOutboxTest extends OperatedOutboxBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
