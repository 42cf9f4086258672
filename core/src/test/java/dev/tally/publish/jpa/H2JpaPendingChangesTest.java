package dev.tally.publish.jpa;

import dev.tally.testing.TestDatabase;

class H2JpaPendingChangesTest extends JpaPendingChangesContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
