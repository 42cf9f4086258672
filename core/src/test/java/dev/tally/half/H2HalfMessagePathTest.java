package dev.tally.half;

import dev.tally.testing.TestDatabase;

class H2HalfMessagePathTest extends HalfMessagePathContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
