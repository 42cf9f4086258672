package dev.tally.consume.guard;

import dev.tally.testing.TestDatabase;

class PostgresqlGuardTest extends GuardContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
