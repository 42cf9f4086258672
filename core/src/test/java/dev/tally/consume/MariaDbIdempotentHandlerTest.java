package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class MariaDbIdempotentHandlerTest extends IdempotentHandlerContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
