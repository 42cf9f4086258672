package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class H2DeadLetterTest extends DeadLetterContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
