package dev.tally.consume.guard;

import dev.tally.testing.TestDatabase;

class H2GuardTest extends GuardContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
