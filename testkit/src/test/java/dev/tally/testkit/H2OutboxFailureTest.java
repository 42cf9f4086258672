package dev.tally.testkit;

class H2OutboxFailureTest extends OutboxFailureBehaviour {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
