package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class MariaDbInboxStoreTest extends InboxStoreContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mariaDb();
    }
}
