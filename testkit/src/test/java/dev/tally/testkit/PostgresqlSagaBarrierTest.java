package dev.tally.testkit;

class PostgresqlSagaBarrierTest extends SagaParticipantBehaviour {

    @Override
    protected TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
