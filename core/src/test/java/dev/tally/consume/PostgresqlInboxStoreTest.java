package dev.tally.consume;

import dev.tally.testing.TestDatabase;

class PostgresqlInboxStoreTest extends InboxStoreContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.postgresql();
    }
}
