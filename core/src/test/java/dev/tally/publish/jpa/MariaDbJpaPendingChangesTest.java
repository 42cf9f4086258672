package dev.tally.publish.jpa;

import dev.tally.testing.TestDatabase;

class MariaDbJpaPendingChangesTest extends JpaPendingChangesContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
