package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class PostgresqlIdempotentHandlerTest extends IdempotentHandlerContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
