package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class H2IdempotentHandlerTest extends IdempotentHandlerContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
