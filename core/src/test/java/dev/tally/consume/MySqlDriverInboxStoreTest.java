package dev.tally.consume;

import dev.tally.testing.TestDatabase;

/** MySQL's scripts, statements and driver on a MariaDB server, since no MySQL server can be had as a library. */
class MySqlDriverInboxStoreTest extends InboxStoreContract {

    @Override
    TestDatabase createDatabase() {
        return TestDatabase.mySqlOnMariaDb();
    }
}
