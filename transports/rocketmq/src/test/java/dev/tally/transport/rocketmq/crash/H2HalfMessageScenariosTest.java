package dev.tally.transport.rocketmq.crash;

import dev.tally.testkit.H2Database;
import dev.tally.testkit.TestDatabase;

class H2HalfMessageScenariosTest extends TallyBrokerHalfMessageScenarios {

    @Override
    TestDatabase createDatabase() {
        return H2Database.inMemory();
    }
}
