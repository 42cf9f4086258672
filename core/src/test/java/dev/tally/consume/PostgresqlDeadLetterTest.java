package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class PostgresqlDeadLetterTest extends DeadLetterContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
