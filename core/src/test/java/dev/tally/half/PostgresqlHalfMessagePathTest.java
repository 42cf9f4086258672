package dev.tally.half;

import dev.tally.testing.TestDatabase;

class PostgresqlHalfMessagePathTest extends HalfMessagePathContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
