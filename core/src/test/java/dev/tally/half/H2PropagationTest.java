package dev.tally.half;

import dev.tally.testing.TestDatabase;

class H2PropagationTest extends PropagationContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
