package dev.tally.testkit;

class MariaDbSagaBarrierTest extends SagaParticipantBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
