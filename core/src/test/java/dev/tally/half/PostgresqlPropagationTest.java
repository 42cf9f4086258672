package dev.tally.half;

import dev.tally.testing.TestDatabase;

class PostgresqlPropagationTest extends PropagationContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
