package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class H2InboxStoreTest extends InboxStoreContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.h2();
    }
}
