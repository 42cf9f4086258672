package dev.tally.transport.rocketmq.crash;

import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;

class PostgresHalfMessageScenariosTest extends TallyBrokerHalfMessageScenarios {

    @Override
    TestDatabase createDatabase() {
        return PostgresDatabase.create();
    }
}
