package dev.tally.half;

import dev.tally.testing.TestDatabase;

class MariaDbHalfMessagePathTest extends HalfMessagePathContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
