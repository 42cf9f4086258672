package dev.tally.publish.jpa;

import dev.tally.testing.TestDatabase;

class PostgresqlJpaPendingChangesTest extends JpaPendingChangesContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
