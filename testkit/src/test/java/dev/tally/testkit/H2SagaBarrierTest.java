package dev.tally.testkit;

class H2SagaBarrierTest extends SagaParticipantBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
