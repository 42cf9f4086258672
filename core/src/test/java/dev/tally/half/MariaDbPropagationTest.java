package dev.tally.half;

import dev.tally.testing.TestDatabase;

class MariaDbPropagationTest extends PropagationContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
