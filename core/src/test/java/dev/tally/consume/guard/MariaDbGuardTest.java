package dev.tally.consume.guard;

import dev.tally.testing.TestDatabase;

class MariaDbGuardTest extends GuardContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
