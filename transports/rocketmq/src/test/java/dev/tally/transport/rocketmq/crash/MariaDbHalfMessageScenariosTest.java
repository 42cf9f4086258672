package dev.tally.transport.rocketmq.crash;

import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.TestDatabase;

class MariaDbHalfMessageScenariosTest extends TallyBrokerHalfMessageScenarios {

    @Override
    TestDatabase createDatabase() {
        return MariaDbDatabase.create();
    }
}
