package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class MariaDbDeadLetterTest extends DeadLetterContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
